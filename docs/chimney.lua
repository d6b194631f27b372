-- Wireshark dissector of the "chimney" interface of capture.pcapng: calls that cross the chimney.
-- The format is that of docs/capture.md.  Use: tshark -X lua_script:docs/chimney.lua -r capture.pcapng,
-- or put this file into Wireshark's personal Lua plugins folder.

local chimney = Proto ("chimney", "TCP chimney crossing")
local FIXED_BYTES = 56
local FLAG_END, FLAG_UP = 1, 2

local phases = { [0] = "begin", [1] = "end" }
local ways = { [0] = "down", [1] = "up" }
local levels = { [0] = "passive", [1] = "DPC" }

local f = {
  version = ProtoField.uint8 ("chimney.version", "Version"),
  flags = ProtoField.uint8 ("chimney.flags", "Flags", base.HEX),
  is_end = ProtoField.uint8 ("chimney.end", "Phase", base.DEC, phases, FLAG_END),
  is_up = ProtoField.uint8 ("chimney.up", "Direction", base.DEC, ways, FLAG_UP),
  call = ProtoField.string ("chimney.call", "Call"),
  number = ProtoField.uint16 ("chimney.call.number", "Number of the call"),
  cpu = ProtoField.uint16 ("chimney.cpu", "Processor"),
  level = ProtoField.uint8 ("chimney.level", "Level", base.DEC, levels),
  layer = ProtoField.uint8 ("chimney.layer", "Layer"),
  crossing = ProtoField.uint64 ("chimney.crossing", "Crossing"),
  parent = ProtoField.uint64 ("chimney.parent", "Inside crossing"),
  op = ProtoField.uint64 ("chimney.op", "Operation"),
  object = ProtoField.uint64 ("chimney.object", "Offload object"),
  arg0 = ProtoField.int64 ("chimney.arg0", "Argument 0"),
  arg1 = ProtoField.int64 ("chimney.arg1", "Argument 1"),
  status = ProtoField.string ("chimney.status", "Status"),
  status_number = ProtoField.int64 ("chimney.status.number", "Number of the status"),
  value = ProtoField.int64 ("chimney.value", "BytesConsumed"),
  began_in = ProtoField.framenum ("chimney.began_in", "Began in frame", base.NONE, frametype.REQUEST),
  ended_in = ProtoField.framenum ("chimney.ended_in", "Ended in frame", base.NONE, frametype.RESPONSE),
  time = ProtoField.relative_time ("chimney.time", "Time from begin to end"),
}
local fields = {}
for _, field in pairs (f) do
  fields[#fields + 1] = field
end
chimney.fields = fields

local cut_short = ProtoExpert.new ("chimney.cut_short", "The packet is cut short", expert.group.MALFORMED,
                                   expert.severity.ERROR)
chimney.experts = { cut_short }

-- Where each crossing begins and ends, by its number as text; filled on the first pass.
local began, ended = {}, {}

function chimney.init ()
  began, ended = {}, {}
end

-- A name: its length, then its bytes.  Gives the range (nil if it is cut short), and what follows.
local function name_at (buffer, at)
  if at >= buffer:len () then
    return nil, at
  end
  local count = buffer (at, 1):uint ()
  if at + 1 + count > buffer:len () then
    return nil, at
  end
  return count > 0 and buffer (at + 1, count) or false, at + 1 + count
end

local function add_common (tree, buffer)
  tree:add (f.version, buffer (0, 1))
  local flags = tree:add (f.flags, buffer (1, 1))
  flags:add (f.is_end, buffer (1, 1))
  flags:add (f.is_up, buffer (1, 1))
  tree:add (f.number, buffer (2, 2))
  tree:add (f.layer, buffer (7, 1))
  tree:add (f.crossing, buffer (8, 8))
  tree:add (f.op, buffer (24, 8))
end

local function add_begin (tree, buffer)
  tree:add (f.cpu, buffer (4, 2))
  tree:add (f.level, buffer (6, 1))
  tree:add (f.parent, buffer (16, 8))
  tree:add (f.object, buffer (32, 8))
  tree:add (f.arg0, buffer (40, 8))
  tree:add (f.arg1, buffer (48, 8))
end

local function add_end (tree, buffer, status)
  tree:add (f.status_number, buffer (40, 8))
  if status then
    tree:add (f.status, status)
  end
  tree:add (f.value, buffer (48, 8))
end

-- Notes this packet and points to its counterpart.
local function link (tree, pinfo, crossing, is_end)
  local mine, other = is_end and ended or began, is_end and began or ended
  if not pinfo.visited then
    mine[crossing] = { frame = pinfo.number, when = pinfo.abs_ts }
  end
  local counterpart = other[crossing]
  if counterpart == nil then
    return
  end
  tree:add (is_end and f.began_in or f.ended_in, counterpart.frame):set_generated ()
  if is_end then
    local ns = math.floor ((pinfo.abs_ts - counterpart.when) * 1e9 + 0.5)
    tree:add (f.time, NSTime.new (math.floor (ns / 1000000000), ns % 1000000000)):set_generated ()
  end
end

function chimney.dissector (buffer, pinfo, tree)
  local top = tree:add (chimney, buffer ())
  pinfo.cols.protocol = "CHIMNEY"
  if buffer:len () < FIXED_BYTES then
    top:add_proto_expert_info (cut_short)
    return
  end
  local flags = buffer (1, 1):uint ()
  local is_end = flags % 2 == FLAG_END
  local is_up = flags >= FLAG_UP
  local call, after = name_at (buffer, FIXED_BYTES)
  local status = name_at (buffer, after)
  if not call or status == nil then
    top:add_proto_expert_info (cut_short)
    return
  end

  local name = call:string ()
  local crossing = tostring (buffer (8, 8):uint64 ())
  top:add (f.call, call)
  add_common (top, buffer)
  if is_end then
    add_end (top, buffer, status)
  else
    add_begin (top, buffer)
  end
  link (top, pinfo, crossing, is_end)

  local layer = buffer (7, 1):uint ()
  local text = string.format ("%s %s #%s layer %d op %s", is_up and "up  " or "down", name, crossing, layer,
                              tostring (buffer (24, 8):uint64 ()))
  if is_end then
    text = text .. " ends" .. (status and ": " .. status:string () or "")
  elseif buffer (32, 8):uint64 () ~= UInt64 (0) then
    text = text .. " object " .. tostring (buffer (32, 8):uint64 ())
  end
  pinfo.cols.info = text
  -- NdisXxx is called by the layer, MiniportXxx and ProtocolXxx are the layer's own.
  local by_layer = name:sub (1, 4) == "Ndis"
  pinfo.cols.src = by_layer and "layer " .. layer or "NDIS"
  pinfo.cols.dst = by_layer and "NDIS" or "layer " .. layer
  top:append_text (": " .. name .. (is_end and " ends" or " begins"))
end

local encapsulations = wtap_encaps or wtap
DissectorTable.get ("wtap_encap"):add (encapsulations.USER0, chimney)
