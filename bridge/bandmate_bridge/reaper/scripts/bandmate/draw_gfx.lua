-- The panel's elements drawn with gfx, which every REAPER has. One below the other; each returns what was done to it.

local Gfx = {}
Gfx.__index = Gfx

local PAD, LINE = 14, 24
local WHEEL = 0.5 -- pixels; a notch counts 120
local COLOURS = {
  back = { 0.13, 0.14, 0.15 }, box = { 0.19, 0.20, 0.22 }, line = { 0.31, 0.33, 0.36 }, text = { 0.90, 0.91, 0.92 },
  dim = { 0.60, 0.63, 0.66 }, accent = { 0.30, 0.66, 0.63 }, dark = { 0.08, 0.09, 0.09 }, alarm = { 0.88, 0.44, 0.38 },
}

function Gfx.new(title, width, height)
  gfx.init(title, width, height, 0, 120, 120)
  gfx.setfont(1, "Arial", 15)
  gfx.setfont(2, "Arial", 13)
  return setmetatable({ y = PAD, down = false, clicked = false, scrolled = 0, height = 0 }, Gfx)
end

function Gfx:close() gfx.quit() end

local function colour(name)
  local c = COLOURS[name]
  gfx.set(c[1], c[2], c[3], 1.0)
end

-- What lies above or below the window is not drawn.
local function is_visible(y, h) return y + h > 0 and y < gfx.h end

local function over(x, y, w, h)
  return gfx.mouse_x >= x and gfx.mouse_x < x + w and gfx.mouse_y >= y and gfx.mouse_y < y + h
end

function Gfx:hit(x, y, w, h)
  return self.clicked and over(x, y, w, h)
end

local function inner() return gfx.w - 2 * PAD end

-- Text that ends with dots where it has no room.
local function fitted(text, width)
  text = text:gsub("[%c]+", " ")
  if gfx.measurestr(text) <= width then return text end
  local low, high = 0, utf8.len(text) or 0
  while low < high do
    local middle = (low + high + 1) // 2
    if gfx.measurestr(text:sub(1, utf8.offset(text, middle + 1) - 1) .. "...") <= width then low = middle else high = middle - 1 end
  end
  return text:sub(1, (utf8.offset(text, low + 1) or 1) - 1) .. "..."
end

local function write(text, x, y, width, name, font)
  if not is_visible(y, LINE) then return end
  gfx.setfont(font or 1)
  colour(name or "text")
  gfx.x, gfx.y = x, y
  gfx.drawstr(fitted(text, width))
end

local function frame(x, y, w, h, fill, edge)
  if not is_visible(y, h) then return end
  colour(fill)
  gfx.rect(x, y, w, h, true)
  colour(edge or "line")
  gfx.rect(x, y, w, h, false)
end

function Gfx:button(label, x, y, w, strong)
  frame(x, y, w, LINE, strong and "accent" or "box", strong and "accent" or "line")
  gfx.setfont(1)
  local width = gfx.measurestr(label)
  write(label, x + math.max((w - width) / 2, 4), y + 4, w - 8, strong and "dark" or "text")
  return self:hit(x, y, w, LINE)
end

-- One picture: `draw` puts the elements, `key` is given each key as gfx.getchar has it and returns false to end.
-- Returns false once the window was closed.
function Gfx:frame(draw, key)
  for _ = 1, 32 do
    local code = math.floor(gfx.getchar())
    if code < 0 then return false end
    if code == 0 then break end
    if key(code, gfx.mouse_cap & 8 ~= 0) == false then return false end
  end
  local pressed = gfx.mouse_cap & 1 ~= 0
  self.clicked = pressed and not self.down
  self.down = pressed
  self.scrolled = math.max(math.min(self.scrolled - gfx.mouse_wheel * WHEEL, self.height - gfx.h), 0)
  gfx.mouse_wheel = 0
  self.y = PAD - self.scrolled
  colour("back")
  gfx.rect(0, 0, gfx.w, gfx.h, true)
  draw()
  self.height = self.y + self.scrolled + PAD
  gfx.update()
  return true
end

-- Title, state, and the other views; returns the number of the one that was clicked.
function Gfx:header(title, status, views, shown)
  local each, clicked = 74, nil
  local x = gfx.w - PAD - #views * (each + 5) + 5
  write(title, PAD, self.y, 120, "accent")
  write(status, PAD + 84, self.y + 1, x - PAD - 92, "dim", 2)
  for index, view in ipairs(views) do
    if self:button(view, x, self.y - 4, each, view == shown) then clicked = index end
    x = x + each + 5
  end
  self.y = self.y + 26
  return clicked
end

-- Buttons in as many rows as they need; returns the number of the one that was clicked.
function Gfx:tabs(titles, chosen)
  local x, y, clicked = PAD, self.y, nil
  for index, title in ipairs(titles) do
    gfx.setfont(1)
    local width = gfx.measurestr(title) + 18
    if x + width > gfx.w - PAD then x, y = PAD, y + LINE + 4 end
    if self:button(title, x, y, width, index == chosen) then clicked = index end
    x = x + width + 5
  end
  self.y = y + LINE + 10
  return clicked
end

function Gfx:line(text, tone)
  write(text, PAD, self.y, inner(), tone, 2)
  self.y = self.y + 22
end

-- Words over as many lines as they need.
function Gfx:words(text, tone)
  gfx.setfont(2)
  local line = ""
  for word in text:gsub("[%c]+", " "):gmatch("%S+") do
    local longer = line == "" and word or line .. " " .. word
    if gfx.measurestr(longer) > inner() and line ~= "" then
      write(line, PAD, self.y, inner(), tone, 2)
      self.y, line = self.y + 17, word
    else
      line = longer
    end
  end
  if line ~= "" then write(line, PAD, self.y, inner(), tone, 2) end
  self.y = self.y + 19
end

function Gfx:switch(label, value)
  local x, y = PAD, self.y
  frame(x, y + 4, 15, 15, value and "accent" or "box")
  if value then
    colour("dark")
    gfx.line(x + 3, y + 11, x + 6, y + 15)
    gfx.line(x + 6, y + 15, x + 12, y + 7)
  end
  write(label, x + 22, y + 3, inner() - 22, "text")
  self.y = y + LINE + 2
  return self:hit(x, y, inner(), LINE)
end

-- One of several; returns the number of the one that was clicked.
function Gfx:choice(label, titles, chosen)
  write(label, PAD, self.y + 4, 130, "dim")
  local x, width, clicked = PAD + 130, inner() - 130, nil
  local each = math.floor((width - 5 * (#titles - 1)) / #titles)
  for index, title in ipairs(titles) do
    gfx.setfont(1)
    if self:button(title, x, self.y, each, index == chosen) then clicked = index end
    x = x + each + 5
  end
  self.y = self.y + LINE + 8
  return clicked
end

-- A text that is typed into. `view`: text, hint, focused, caret (in letters). Keys go to the panel, so only a
-- click is returned: nil and true.
function Gfx:field(_, title, view)
  write(title, PAD, self.y, inner(), "dim", 2)
  local y, text = self.y + 18, view.text
  frame(PAD, y, inner(), LINE + 4, "dark", view.focused and "accent" or "line")
  if text == "" and not view.focused then write(view.hint, PAD + 7, y + 6, inner() - 14, "dim", 2) end
  gfx.setfont(1)
  local before = view.focused and text:sub(1, (utf8.offset(text, view.caret + 1) or #text + 1) - 1) or ""
  -- Of long words the part around the caret is shown.
  local shift = math.max(gfx.measurestr(before) - (inner() - 24), 0)
  local shown = text
  while shift > 0 and #shown > 0 do
    local first = utf8.offset(shown, 2) or #shown + 1
    shift = shift - gfx.measurestr(shown:sub(1, first - 1))
    shown, before = shown:sub(first), before:sub(first)
  end
  write(shown, PAD + 7, y + 6, inner() - 14, "text")
  if view.focused and math.floor(reaper.time_precise() * 2) % 2 == 0 then
    gfx.setfont(1)
    local at = PAD + 7 + gfx.measurestr(before)
    colour("accent")
    gfx.line(at, y + 5, at, y + LINE - 2)
  end
  self.y = y + LINE + 10
  return nil, self:hit(PAD, y, inner(), LINE + 4)
end

-- A row of buttons, the first one strong; `widths` in pixels. Returns the number of the one that was clicked.
function Gfx:buttons(labels, widths)
  local x, clicked = PAD, nil
  for index, label in ipairs(labels) do
    if self:button(label, x, self.y + 2, widths[index], index == 1) then clicked = index end
    x = x + widths[index] + 8
  end
  self.y = self.y + LINE + 14
  return clicked
end

-- A job: title, what is said of it, how far it is (0 to 1), whether it failed. Returns whether it is to be ended.
function Gfx:job(_, title, said, share, failed, label)
  write(title, PAD, self.y, inner() - 90, "text")
  write(said, PAD, self.y + 17, inner() - 90, failed and "alarm" or "dim", 2)
  local clicked = label and self:button(label, gfx.w - PAD - 74, self.y + 3, 74)
  local y = self.y + 36
  self.y = y + 9
  if not is_visible(y, 5) then return clicked end
  colour("box")
  gfx.rect(PAD, y, inner(), 5, true)
  colour(failed and "alarm" or "accent")
  gfx.rect(PAD, y, math.floor(inner() * math.min(share, 1.0)), 5, true)
  return clicked
end

-- One of a list: its name and state, two lines about it, and what can be done. Returns whether it is to be done.
function Gfx:entry(title, state, about, more, label)
  local y, width = self.y, inner() - 112
  write(title, PAD, y, width, "text")
  gfx.setfont(1)
  local beside = gfx.measurestr(title) + 12
  write(state, PAD + beside, y + 2, width - beside, "accent", 2)
  write(about, PAD, y + 18, width, "text", 2)
  write(more, PAD, y + 34, inner(), "dim", 2)
  self.y = y + 58
  return label and self:button(label, gfx.w - PAD - 96, y + 3, 96)
end

function Gfx:gap(height) self.y = self.y + height end

return Gfx
