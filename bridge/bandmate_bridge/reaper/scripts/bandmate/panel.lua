-- The panel: what can be asked for, on what, and what is being made. Drawn with gfx, which every REAPER has.

local state = require("state")

local Panel = {}
Panel.__index = Panel

local WIDTH, HEIGHT, PAD, LINE = 440, 620, 14, 24
local COLOURS = {
  back = { 0.13, 0.14, 0.15 }, box = { 0.19, 0.20, 0.22 }, line = { 0.31, 0.33, 0.36 }, text = { 0.90, 0.91, 0.92 },
  dim = { 0.60, 0.63, 0.66 }, accent = { 0.30, 0.66, 0.63 }, dark = { 0.08, 0.09, 0.09 }, alarm = { 0.88, 0.44, 0.38 },
}

function Panel.new(service)
  return setmetatable({ service = service, is_open = false, down = false, clicked = false, scroll = 0 }, Panel)
end

function Panel:open()
  if self.is_open then return end
  gfx.init("Bandmate", WIDTH, HEIGHT, 0, 120, 120)
  gfx.setfont(1, "Arial", 15)
  gfx.setfont(2, "Arial", 13)
  self.is_open = true
end

function Panel:close()
  if self.is_open then gfx.quit() end
  self.is_open = false
end

local function colour(name, alpha)
  local c = COLOURS[name]
  gfx.set(c[1], c[2], c[3], alpha or 1.0)
end

local function over(x, y, w, h)
  return gfx.mouse_x >= x and gfx.mouse_x < x + w and gfx.mouse_y >= y and gfx.mouse_y < y + h
end

function Panel:hit(x, y, w, h)
  return self.clicked and over(x, y, w, h)
end

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
  gfx.setfont(font or 1)
  colour(name or "text")
  gfx.x, gfx.y = x, y
  gfx.drawstr(fitted(text, width))
end

-- Words over several lines; returns the y below them.
local function wrapped(text, x, y, width, name)
  gfx.setfont(2)
  local line = ""
  for word in text:gsub("[%c]+", " "):gmatch("%S+") do
    local longer = line == "" and word or line .. " " .. word
    if gfx.measurestr(longer) > width and line ~= "" then
      write(line, x, y, width, name, 2)
      y, line = y + 17, word
    else
      line = longer
    end
  end
  if line ~= "" then write(line, x, y, width, name, 2) end
  return y + 19
end

local function frame(x, y, w, h, fill, edge)
  colour(fill)
  gfx.rect(x, y, w, h, true)
  colour(edge or "line")
  gfx.rect(x, y, w, h, false)
end

function Panel:button(label, x, y, w, strong)
  frame(x, y, w, LINE, strong and "accent" or "box", strong and "accent" or "line")
  gfx.setfont(1)
  local width = gfx.measurestr(label)
  write(label, x + math.max((w - width) / 2, 4), y + 4, w - 8, strong and "dark" or "text")
  return self:hit(x, y, w, LINE)
end

function Panel:switch(label, value, x, y, w)
  frame(x, y + 4, 15, 15, value and "accent" or "box")
  if value then
    colour("dark")
    gfx.line(x + 3, y + 11, x + 6, y + 15)
    gfx.line(x + 6, y + 15, x + 12, y + 7)
  end
  write(label, x + 22, y + 3, w - 22, "text")
  return self:hit(x, y, w, LINE)
end

function Panel:tasks(y)
  local form, x = self.service.form, PAD
  for _, task in ipairs(form.tasks) do
    gfx.setfont(1)
    local width = gfx.measurestr(task.title) + 18
    if x + width > gfx.w - PAD then x, y = PAD, y + LINE + 4 end
    if self:button(task.title, x, y, width, task.task == form.task) then
      form:choose(task.task)
      self.service:preview()
    end
    x = x + width + 5
  end
  return y + LINE + 10
end

function Panel:text_field(field, y)
  local form, width = self.service.form, gfx.w - 2 * PAD
  local focused = form.focus == field.name
  local text = focused and form.draft or form:text(field)
  frame(PAD, y, width, LINE + 4, "dark", focused and "accent" or "line")
  if text == "" and not focused then write(field.about, PAD + 7, y + 6, width - 14, "dim", 2) end
  gfx.setfont(1)
  local before = focused and text:sub(1, (utf8.offset(text, form.caret + 1) or #text + 1) - 1) or ""
  -- Of long words the part around the caret is shown.
  local shift = math.max(gfx.measurestr(before) - (width - 24), 0)
  local shown = text
  while shift > 0 and #shown > 0 do
    local first = utf8.offset(shown, 2) or #shown + 1
    shift = shift - gfx.measurestr(shown:sub(1, first - 1))
    shown, before = shown:sub(first), before:sub(first)
  end
  write(shown, PAD + 7, y + 6, width - 14, "text")
  if focused and math.floor(reaper.time_precise() * 2) % 2 == 0 then
    gfx.setfont(1)
    local at = PAD + 7 + gfx.measurestr(before)
    colour("accent")
    gfx.line(at, y + 5, at, y + LINE - 2)
  end
  if self:hit(PAD, y, width, LINE + 4) then form:enter(field.name) end
  return y + LINE + 10
end

function Panel:choice(label, value, choices, y, pick)
  write(label, PAD, y + 4, 130, "dim")
  local x, width = PAD + 130, gfx.w - 2 * PAD - 130
  local each = width / math.max(#choices, 1)
  for index, option in ipairs(choices) do
    if self:button(option.title, x + (index - 1) * each, y, each - 4, option.value == value) then pick(option.value) end
  end
  return y + LINE + 6
end

function Panel:field(field, y)
  local form = self.service.form
  if field.kind == "boolean" then
    if self:switch(field.title, form:value(field), PAD, y, gfx.w - 2 * PAD) then form:set(field, not form:value(field)) end
    return y + LINE + 2
  end
  if field.kind == "choice" then
    local options = {}
    for _, name in ipairs(field.choices) do options[#options + 1] = { value = name, title = name } end
    return self:choice(field.title, form:value(field), options, y, function(value) form:set(field, value) end)
  end
  write(field.title .. (field.unit ~= "" and " (" .. field.unit .. ")" or ""), PAD, y, gfx.w - 2 * PAD, "dim", 2)
  return self:text_field(field, y + 18)
end

function Panel:onto(y)
  local service, task = self.service, self.service.form.by_name[self.service.form.task]
  local settings = service.settings
  if not task then return y end
  local function pick(key)
    return function(value)
      settings[key] = value
      service:keep_settings()
    end
  end
  if task.source ~= "required" then
    local name = service:selected_track_name()
    local options = { { value = false, title = "New tracks" } }
    if name then options[2] = { value = true, title = fitted(name, 110) } end
    y = self:choice("Onto", name and settings.onto_selected or false, options, y, pick("onto_selected"))
  elseif task.task == "cover" then
    local options = { { value = true, title = "A new take" }, { value = false, title = "A new track" } }
    y = self:choice("As", settings.cover_takes, options, y, pick("cover_takes"))
  elseif task.task == "separate" then
    if self:switch("Mute the item afterwards", settings.mute_source, PAD, y, 260) then pick("mute_source")(not settings.mute_source) end
    y = y + LINE + 2
  end
  if #task.engines > 1 then
    local options = { { value = "", title = "auto" } }
    for _, engine in ipairs(task.engines) do options[#options + 1] = { value = engine.name, title = engine.name } end
    y = self:choice("Engine", service.form.engines[task.task] or "", options, y, function(value)
      service.form.engines[task.task] = value
    end)
  end
  return y
end

local function clock(seconds)
  if seconds >= 90 then return string.format("%d min", math.floor(seconds / 60 + 0.5)) end
  return string.format("%.0f s", math.max(seconds, 0))
end

function Panel:job(job, y)
  local width = gfx.w - 2 * PAD
  local failed = job.stage == "Failed" or job.failed
  write(job.title, PAD, y, width - 90, "text")
  local said = job.stage or ""
  if job.steps and job.steps > 0 and not job.ended then said = said .. string.format(" %d of %d", job.step, job.steps) end
  local bar = not job.ended and self.service.jobs:bar(job)
  if bar then said = said .. ", bar " .. bar end
  if job.left and not job.ended then said = said .. ", " .. clock(job.left) .. " left" end
  if job.ended and job.seconds and job.seconds > 0 then said = said .. string.format(" in %.1f s on %s", job.seconds, job.engine or "") end
  write(said, PAD, y + 17, width - 90, failed and "alarm" or "dim", 2)
  if not job.ended and self:button("Cancel", gfx.w - PAD - 74, y + 3, 74) then self.service.jobs:cancel(job) end
  y = y + 36
  colour("box")
  gfx.rect(PAD, y, width, 5, true)
  colour(failed and "alarm" or "accent")
  local share = job.progress or (job.ended and 1.0 or 0.0)
  gfx.rect(PAD, y, math.floor(width * math.min(share, 1.0)), 5, true)
  y = y + 9
  if job.note then y = wrapped(job.note, PAD, y, width, failed and "alarm" or "dim") end
  for index, remark in ipairs(job.remarks or {}) do
    if index <= 2 then y = wrapped(remark, PAD, y, width, "dim") end
  end
  return y + 7
end

local SWITCHES = {
  { "growing", "Tracks at once, and their audio as it comes (else when all is done)" },
  { "midi", "The notes too, as MIDI items" },
  { "tempo_map", "Analyse: make the heard tempo the project's, if that has none" },
}

function Panel:settings(y)
  local service, width = self.service, gfx.w - 2 * PAD
  local settings = service.settings
  for _, entry in ipairs(SWITCHES) do
    local key = entry[1]
    if self:switch(entry[2], settings[key], PAD, y, width) then
      settings[key] = not settings[key]
      service:keep_settings()
    end
    y = y + LINE + 4
  end
  y = self:choice("Several items", settings.grouping, {
    { value = "item", title = "Tracks for each" }, { value = "track", title = "Shared tracks" },
  }, y + 4, function(value)
    settings.grouping = value
    service:keep_settings()
  end)
  y = self:choice("No selection", settings.bars, {
    { value = 4, title = "4 bars" }, { value = 8, title = "8 bars" }, { value = 16, title = "16 bars" },
  }, y, function(value)
    settings.bars = value
    service:keep_settings()
  end)
  return self:choice("Heard is", settings.input, {
    { value = "source", title = "The item's file" }, { value = "accessor", title = "What REAPER reads" },
    { value = "render", title = "With effects" },
  }, y, function(value)
    settings.input = value
    service:keep_settings()
  end)
end

function Panel:draw_all()
  local service, y = self.service, PAD
  colour("back")
  gfx.rect(0, 0, gfx.w, gfx.h, true)
  write("Bandmate", PAD, y, 120, "accent")
  write(service:status(), PAD + 90, y + 1, gfx.w - 2 * PAD - 180, "dim", 2)
  if self:button("Settings", gfx.w - PAD - 80, y - 4, 80, self.shows_settings) then
    self.shows_settings = not self.shows_settings
    service.form:enter(nil)
  end
  if self.shows_settings then
    self:settings(y + 36)
    return
  end
  y = self:tasks(y + 26)
  local task = service.form.by_name[service.form.task]
  if task then
    write(service.preview_text or "...", PAD, y, gfx.w - 2 * PAD, service.preview_failed and "alarm" or "text", 2)
    y = y + 22
    for _, field in ipairs(task.fields) do y = self:field(field, y) end
    y = self:onto(y)
    if self:button(task.title, PAD, y + 2, 150, true) then service:run_form() end
    if self:button("Redo", PAD + 158, y + 2, 70) then service:redo() end
    if self:button("< Take", PAD + 236, y + 2, 70) then service:take(-1) end
    if self:button("Take >", PAD + 314, y + 2, 70) then service:take(1) end
    y = y + LINE + 14
  end
  if service.trouble then
    y = wrapped(service.trouble.sentence, PAD, y, gfx.w - 2 * PAD, "alarm")
    if service.trouble.remedy ~= "" then y = wrapped(service.trouble.remedy, PAD, y - 2, gfx.w - 2 * PAD, "text") end
    y = y + 4
  end
  for index = #service.jobs.order, 1, -1 do
    if y > gfx.h - 30 then break end
    y = self:job(service.jobs.order[index], y)
  end
end

local ENTER, TAB, ESCAPE = 13, 9, 27

-- One picture. Returns false once the window was closed.
function Panel:draw()
  local form = self.service.form
  for _ = 1, 32 do
    local code = math.floor(gfx.getchar())
    if code < 0 then
      self.is_open = false
      form:leave()
      return false
    end
    if code == 0 then break end
    if code == ENTER then self.service:run_form()
    elseif code == TAB then form:enter(form:next_field(gfx.mouse_cap & 8 ~= 0 and -1 or 1))
    elseif code == ESCAPE then
      form:leave()
      self:close()
      return false
    else form:key(code) end
  end
  local pressed = gfx.mouse_cap & 1 ~= 0
  self.clicked = pressed and not self.down
  self.down = pressed
  self:draw_all()
  gfx.update()
  return true
end

return Panel
