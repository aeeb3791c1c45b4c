-- The panel's elements drawn with ReaImGui, where that is installed: text is edited with its selection, clipboard
-- and input methods, and the window scrolls, docks and scales. The same elements as in draw_gfx.lua.

local Imgui = {}
Imgui.__index = Imgui

local API = "0.9" -- of ReaImGui, which keeps what that had for scripts that say so

local COLOURS = { text = 0xE6E8EBFF, dim = 0x999FA8FF, accent = 0x4DA8A0FF, alarm = 0xE07061FF, dark = 0x141717FF }
local ENTER, ESCAPE = 13, 27

local im

-- ReaImGui's functions; nil where it is not installed, or is older than that.
local function load_imgui()
  if im then return im end
  if not (reaper.APIExists("ImGui_CreateContext") and reaper.APIExists("ImGui_GetBuiltinPath")) then return nil end
  local before = package.path
  package.path = reaper.ImGui_GetBuiltinPath() .. "/?.lua;" .. before
  local ok, found = pcall(function() return require("imgui")(API) end)
  package.path = before
  im = ok and found or nil
  return im
end

function Imgui.is_there() return load_imgui() ~= nil end

function Imgui.new(title, width, height)
  return setmetatable({
    -- A context that is not drawn for a while is taken away; so each window has its own.
    context = load_imgui().CreateContext(title), title = title, width = width, height = height, rows = 0,
  }, Imgui)
end

function Imgui:close() self.context = nil end

-- One picture, as in draw_gfx.lua; of the keys only those come that are not typed into a field.
function Imgui:frame(draw, key)
  local context = self.context
  im.SetNextWindowSize(context, self.width, self.height, im.Cond_FirstUseEver)
  local visible, is_open = im.Begin(context, self.title, true)
  local stays = true
  if visible then
    self.rows = 0
    local ok, problem = pcall(draw)
    if ok and im.IsWindowFocused(context) then
      if im.IsKeyPressed(context, im.Key_Enter) then stays = key(ENTER, false) end
      if im.IsKeyPressed(context, im.Key_Escape) then stays = key(ESCAPE, false) end
    end
    im.End(context)
    if not ok then error(problem, 0) end
  end
  return is_open and stays ~= false
end

local function plain(text) return (text:gsub("[%c]+", " ")) end

-- A label that is shown, and an id beside it: two elements may show the same.
function Imgui:label(text)
  self.rows = self.rows + 1
  return plain(text) .. "##" .. self.rows
end

function Imgui:text(text, tone)
  im.TextColored(self.context, COLOURS[tone or "text"], plain(text))
end

function Imgui:button(text, width, strong)
  if strong then
    im.PushStyleColor(self.context, im.Col_Button, COLOURS.accent)
    im.PushStyleColor(self.context, im.Col_Text, COLOURS.dark)
  end
  local clicked = im.Button(self.context, self:label(text), width or 0)
  if strong then im.PopStyleColor(self.context, 2) end
  return clicked
end

function Imgui:header(title, status, views, shown)
  local clicked
  self:text(title, "accent")
  im.SameLine(self.context)
  self:text(status, "dim")
  for index, view in ipairs(views) do
    im.SameLine(self.context)
    if self:button(view, 0, view == shown) then clicked = index end
  end
  return clicked
end

function Imgui:tabs(titles, chosen)
  local clicked
  for index, title in ipairs(titles) do
    if self:button(title, 0, index == chosen) then clicked = index end
    if index < #titles and index % 4 ~= 0 then im.SameLine(self.context) end
  end
  return clicked
end

function Imgui:line(text, tone) self:text(text, tone) end

function Imgui:words(text, tone)
  im.PushStyleColor(self.context, im.Col_Text, COLOURS[tone or "text"])
  im.TextWrapped(self.context, plain(text))
  im.PopStyleColor(self.context, 1)
end

function Imgui:switch(label, value)
  return (im.Checkbox(self.context, self:label(label), value))
end

function Imgui:choice(label, titles, chosen)
  local clicked
  self:text(label, "dim")
  for index, title in ipairs(titles) do
    im.SameLine(self.context)
    if im.RadioButton(self.context, self:label(title), index == chosen) then clicked = index end
  end
  return clicked
end

-- Returns the text once it was changed, and whether the field was entered. ReaImGui has the caret itself.
function Imgui:field(id, title, view)
  self:text(title, "dim")
  if view.focused and self.focused ~= id then
    im.SetKeyboardFocusHere(self.context)
    self.focused = id
  elseif self.focused == id and not view.focused then
    self.focused = nil
  end
  im.SetNextItemWidth(self.context, -1)
  local changed, text = im.InputTextWithHint(self.context, "##" .. id, plain(view.hint), plain(view.text))
  -- What is typed into has the focus: to set it once more would select all of the text.
  if changed then self.focused = id end
  return changed and text or nil, false
end

function Imgui:buttons(labels, widths)
  local clicked
  for index, label in ipairs(labels) do
    if index > 1 then im.SameLine(self.context) end
    if self:button(label, widths[index], index == 1) then clicked = index end
  end
  return clicked
end

function Imgui:job(_, title, said, share, failed, label)
  self:text(title)
  self:text(said, failed and "alarm" or "dim")
  local clicked = false
  if label then
    im.SameLine(self.context)
    clicked = self:button(label, 74)
  end
  im.ProgressBar(self.context, math.min(share, 1.0), -1, 6, "")
  return clicked
end

function Imgui:entry(title, state, about, more, label)
  local clicked = false
  self:text(title)
  im.SameLine(self.context)
  self:text(state, "accent")
  if label then
    im.SameLine(self.context)
    clicked = self:button(label, 96)
  end
  self:words(about, "text")
  self:words(more, "dim")
  im.Spacing(self.context)
  return clicked
end

function Imgui:gap() im.Spacing(self.context) end

return Imgui
