-- JSON as RFC 8259 has it, for the mailbox. Strict: what is no JSON raises an error.
-- null is left out of objects and refused in arrays; an empty table is an object unless made by json.list.

local json = {}

local LIST = {}

function json.list(values)
  return setmetatable(values or {}, LIST)
end

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function quoted(text)
  if not utf8.len(text) then
    -- Names from old projects may be in another encoding; Latin-1 shows most of them right.
    text = text:gsub("[\128-\255]", function(byte) return utf8.char(byte:byte()) end)
  end
  return '"' .. text:gsub('[%c"\\\127]', function(char)
    return ESCAPES[char] or string.format("\\u%04x", char:byte())
  end) .. '"'
end

local function number(value)
  if math.type(value) == "integer" then return string.format("%d", value) end
  if value ~= value or value == math.huge or value == -math.huge then error("JSON has no such number", 0) end
  local text = string.format("%.17g", value)
  -- Some languages write a comma, which REAPER may have set for the whole process.
  return (text:gsub(",", "."))
end

local encode

local function encode_table(value)
  local out = {}
  if getmetatable(value) == LIST or #value > 0 then
    for index = 1, #value do out[index] = encode(value[index]) end
    return "[" .. table.concat(out, ",") .. "]"
  end
  local keys = {}
  for key in pairs(value) do
    if type(key) ~= "string" then error("JSON's keys are text", 0) end
    keys[#keys + 1] = key
  end
  table.sort(keys)
  for index, key in ipairs(keys) do out[index] = quoted(key) .. ":" .. encode(value[key]) end
  return "{" .. table.concat(out, ",") .. "}"
end

function encode(value)
  local kind = type(value)
  if kind == "string" then return quoted(value) end
  if kind == "number" then return number(value) end
  if kind == "boolean" then return tostring(value) end
  if kind == "table" then return encode_table(value) end
  error("JSON cannot say a " .. kind, 0)
end

json.encode = encode

local function fail(at, what)
  error(string.format("no JSON at byte %d: %s", at, what), 0)
end

local function skip(text, at)
  return text:find("[^ \t\r\n]", at) or #text + 1
end

local UNESCAPES = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function hex(text, at)
  local digits = text:match("^%x%x%x%x", at)
  if not digits then fail(at, "four hexadecimal digits were expected") end
  return tonumber(digits, 16)
end

local function escaped(text, at)
  local char = text:sub(at, at)
  if char ~= "u" then
    local plain = UNESCAPES[char]
    if not plain then fail(at, "no such escape") end
    return plain, at + 1
  end
  local code, after = hex(text, at + 1), at + 5
  if code >= 0xD800 and code < 0xDC00 and text:sub(after, after + 1) == "\\u" then
    local low = hex(text, after + 2)
    if low >= 0xDC00 and low < 0xE000 then
      code, after = 0x10000 + (code - 0xD800) * 0x400 + low - 0xDC00, after + 6
    end
  end
  if code >= 0xD800 and code < 0xE000 then code = 0xFFFD end
  return utf8.char(code), after
end

local function string_at(text, at)
  local parts, from = {}, at + 1
  while true do
    local stop = text:find('["\\%c]', from)
    if not stop then fail(at, "a text without an end") end
    parts[#parts + 1] = text:sub(from, stop - 1)
    local char = text:sub(stop, stop)
    if char == '"' then return table.concat(parts), stop + 1 end
    if char ~= "\\" then
      if char ~= "\127" then fail(stop, "a control character in a text") end
      parts[#parts + 1], from = char, stop + 1
    else
      parts[#parts + 1], from = escaped(text, stop + 1)
    end
  end
end

local function number_at(text, at)
  local digits = text:match("^-?%d+%.?%d*[eE]?[+-]?%d*", at)
  local whole = digits and digits:match("^-?%d+$")
  if not digits or digits:find("^-?0%d") or digits:find("%.$") or digits:find("%.[eE]") or digits:find("[eE+-]$") then
    fail(at, "no number")
  end
  local value = whole and math.tointeger(tonumber(digits)) or tonumber(digits)
  if not value then fail(at, "no number") end
  return value, at + #digits
end

local WORDS = { t = { "true", true }, f = { "false", false }, n = { "null", nil } }
local value_at

local function array_at(text, at, depth)
  local out = json.list()
  at = skip(text, at + 1)
  if text:sub(at, at) == "]" then return out, at + 1 end
  while true do
    local value
    value, at = value_at(text, at, depth)
    out[#out + 1] = value
    at = skip(text, at)
    local char = text:sub(at, at)
    if char == "]" then return out, at + 1 end
    if char ~= "," then fail(at, "a comma or ] was expected") end
    at = skip(text, at + 1)
  end
end

local function object_at(text, at, depth)
  local out = {}
  at = skip(text, at + 1)
  if text:sub(at, at) == "}" then return out, at + 1 end
  while true do
    if text:sub(at, at) ~= '"' then fail(at, "a name was expected") end
    local key
    key, at = string_at(text, at)
    at = skip(text, at)
    if text:sub(at, at) ~= ":" then fail(at, "a colon was expected") end
    out[key], at = value_at(text, skip(text, at + 1), depth)
    at = skip(text, at)
    local char = text:sub(at, at)
    if char == "}" then return out, at + 1 end
    if char ~= "," then fail(at, "a comma or } was expected") end
    at = skip(text, at + 1)
  end
end

function value_at(text, at, depth)
  if depth > 64 then fail(at, "nested too deeply") end
  local char = text:sub(at, at)
  if char == "{" then return object_at(text, at, depth + 1) end
  if char == "[" then return array_at(text, at, depth + 1) end
  if char == '"' then return string_at(text, at) end
  local word = WORDS[char]
  if word then
    if text:sub(at, at + #word[1] - 1) ~= word[1] then fail(at, "no such word") end
    return word[2], at + #word[1]
  end
  return number_at(text, at)
end

function json.decode(text)
  local value, at = value_at(text, skip(text, 1), 0)
  at = skip(text, at)
  if at <= #text then fail(at, "something after the end") end
  return value
end

return json
