/* The version of this program: part of every result. */
#pragma once

#define LAB_VERSION "0.1.0"
