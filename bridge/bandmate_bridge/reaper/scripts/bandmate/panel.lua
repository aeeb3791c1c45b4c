-- The panel: what can be asked for, on what, and what is being made. What is shown is said here, once; it is drawn
-- by draw_imgui.lua where ReaImGui is installed, else by draw_gfx.lua.

local Gfx = require("draw_gfx")
local Imgui = require("draw_imgui")
local messages = require("messages")
local models = require("panel_models")

local Panel = {}
Panel.__index = Panel

local WIDTH, HEIGHT = 440, 720
local MOST_BESIDE = 5 -- options of a choice that stand beside each other

function Panel.new(service)
  return setmetatable({ service = service, is_open = false }, Panel)
end

function Panel:open()
  if self.is_open then return end
  local layer = not self.imgui_failed and Imgui.is_there() and Imgui or Gfx
  self.ui = layer.new("Bandmate", WIDTH, HEIGHT)
  self.is_open = true
end

function Panel:close()
  if self.is_open then self.ui:close() end
  self.is_open = false
end

function Panel:tasks()
  local form, titles, chosen = self.service.form, {}, nil
  for index, task in ipairs(form.tasks) do
    titles[index] = task.title
    if task.task == form.task then chosen = index end
  end
  local clicked = self.ui:tabs(titles, chosen)
  if clicked then
    form:choose(form.tasks[clicked].task)
    self.service:preview()
  end
end

-- One of `options`, each with a value and a title; `pick` is given the value that was clicked.
function Panel:choice(label, value, options, pick)
  local titles, chosen = {}, nil
  for index, option in ipairs(options) do
    titles[index] = option.title
    if option.value == value then chosen = index end
  end
  if #options > MOST_BESIDE then return self:step(label, options, titles, chosen or 1, pick) end
  local clicked = self.ui:choice(label, titles, chosen)
  if clicked then pick(options[clicked].value) end
end

-- Of many options the one that is chosen, and the way to those beside it.
function Panel:step(label, options, titles, chosen, pick)
  local title = titles[chosen] ~= "" and titles[chosen] or "-"
  local clicked = self.ui:choice(label, { "<", title, ">" }, 2)
  if clicked == 1 or clicked == 3 then pick(options[(chosen - 1 + clicked - 2) % #options + 1].value) end
end

function Panel:text_field(field)
  local form = self.service.form
  local focused = form.focus == field.name
  local view = { text = focused and form.draft or form:text(field), hint = field.about, focused = focused, caret = form.caret }
  local title = field.title .. (field.unit ~= "" and " (" .. field.unit .. ")" or "")
  local text, entered = self.ui:field(field.name, title, view)
  if entered or (text and not focused) then form:enter(field.name) end
  if text then form.draft, form.caret = text, utf8.len(text) or 0 end
end

function Panel:field(field)
  local form = self.service.form
  if field.kind == "boolean" then
    if self.ui:switch(field.title, form:value(field)) then form:set(field, not form:value(field)) end
  elseif field.kind == "choice" then
    local options = {}
    for _, name in ipairs(field.choices) do options[#options + 1] = { value = name, title = name } end
    self:choice(field.title, form:value(field), options, function(value) form:set(field, value) end)
  else
    self:text_field(field)
  end
end

-- Sets a setting, and keeps it.
function Panel:picks(key)
  return function(value)
    self.service.settings[key] = value
    self.service:keep_settings()
  end
end

function Panel:onto(task)
  local service, settings = self.service, self.service.settings
  if task.source ~= "required" then
    local name = service:selected_track_name()
    local options = { { value = false, title = "New tracks" } }
    if name then options[2] = { value = true, title = name } end
    self:choice("Onto", name and settings.onto_selected or false, options, self:picks("onto_selected"))
  elseif task.can_be_take then
    local options = { { value = true, title = "A new take" }, { value = false, title = "A new track" } }
    self:choice("As", settings.cover_takes, options, self:picks("cover_takes"))
  elseif task.result == "stems" then
    if self.ui:switch("Mute the item afterwards", settings.mute_source) then
      self:picks("mute_source")(not settings.mute_source)
    end
  end
  if #task.engines > 1 then
    local options = { { value = "", title = "auto" } }
    for _, engine in ipairs(task.engines) do options[#options + 1] = { value = engine.name, title = engine.name } end
    self:choice("Engine", service.form.engines[task.task] or "", options, function(value)
      service.form:leave()
      service.form.engines[task.task] = value
    end)
  end
end

local function clock(seconds)
  if seconds >= 90 then return string.format("%d min", math.floor(seconds / 60 + 0.5)) end
  return string.format("%.0f s", math.max(seconds, 0))
end

Panel.clock = clock

-- Stage, bar and seconds left in one line; of an ended job how long it took.
function Panel:said_of(job)
  local said = job.stage or ""
  if job.ended then
    if job.seconds and job.seconds > 0 then said = said .. string.format(" in %.1f s on %s", job.seconds, job.engine or "") end
    return said
  end
  if job.steps and job.steps > 0 then said = said .. string.format(" %d of %d", job.step, job.steps) end
  local bar = self.service.jobs:bar(job)
  if bar then said = said .. ", bar " .. bar end
  if job.left then said = said .. ", " .. clock(job.left) .. " left" end
  return said
end

function Panel:job(job)
  local ui, failed = self.ui, job.stage == "Failed" or job.failed
  local share = job.progress or (job.ended and 1.0 or 0.0)
  local cancels = ui:job(job.id, job.title, self:said_of(job), share, failed, not job.ended and "Cancel" or nil)
  if cancels then self.service.jobs:cancel(job) end
  if job.note then ui:words(job.note, failed and "alarm" or "dim") end
  for index, remark in ipairs(job.remarks or {}) do
    if index <= 2 then ui:words(remark, "dim") end
  end
  models.help(self, job.models)
  ui:gap(7)
end

local SWITCHES = {
  { "growing", "Tracks at once, filled as audio arrives" },
  { "midi", "Notes as MIDI items" },
  { "tempo_map", "Analyse: write the detected tempo, if the project has no tempo map" },
}
local CHOICES = {
  { "grouping", "Several items", {
    { value = "item", title = "Separate tracks" }, { value = "track", title = "Shared tracks" },
  } },
  { "bars", "No selection", {
    { value = 4, title = "4 bars" }, { value = 8, title = "8 bars" }, { value = 16, title = "16 bars" },
  } },
  { "input", "Audio source", {
    { value = "source", title = "The file" }, { value = "accessor", title = "As read" },
    { value = "render", title = "With effects" },
  } },
}

function Panel:settings()
  local settings = self.service.settings
  for _, entry in ipairs(SWITCHES) do
    local key, label = entry[1], entry[2]
    if self.ui:switch(label, settings[key]) then self:picks(key)(not settings[key]) end
    self.ui:gap(2)
  end
  self.ui:gap(4)
  for _, entry in ipairs(CHOICES) do self:choice(entry[2], settings[entry[1]], entry[3], self:picks(entry[1])) end
end

function Panel:form(task)
  local service, ui = self.service, self.ui
  ui:line(service.preview_text or "...", service.preview_failed and "alarm" or "text")
  local form = service.form
  local fields, folds = form:shown_fields()
  for _, field in ipairs(fields) do self:field(field) end
  self:onto(task)
  if folds and ui:switch("Advanced", form.advanced) then
    form:leave()
    form.advanced = not form.advanced
  end
  local clicked = ui:buttons({ task.title, "Redo", "< Take", "Take >" }, { 150, 70, 70, 70 })
  if clicked == 1 then service:run_form()
  elseif clicked == 2 then service:redo()
  elseif clicked then service:take(clicked == 3 and -1 or 1) end
end

-- What went wrong, and models that are offered or on their way: above the form, which may fill the window.
function Panel:notices()
  local ui, trouble = self.ui, self.service.trouble
  if trouble then
    ui:words(trouble.sentence, "alarm")
    ui:gap(-2)
    if trouble.remedy ~= "" then ui:words(trouble.remedy, "text") end
    models.help(self, trouble.models)
    ui:gap(6)
  end
  models.offer(self)
  models.pulls(self)
end

local VIEWS = { "Models", "Settings" }

-- Another view than the forms, or the forms again.
function Panel:show(view)
  self.view = view ~= self.view and view or nil
  self.service.form:enter(nil)
  -- Models may have come meanwhile, or be on their way for somebody else.
  if self.view == "Models" then self.service:send(messages.describe(self.service.id)) end
end

function Panel:draw_all()
  local service, ui = self.service, self.ui
  local clicked = ui:header("Bandmate", service:status(), VIEWS, self.view)
  if clicked then self:show(VIEWS[clicked]) end
  if self.view == "Models" then return models.list(self) end
  if self.view == "Settings" then
    ui:gap(10)
    self:settings()
    return
  end
  self:tasks()
  self:notices()
  local task = service.form.by_name[service.form.task]
  if task then self:form(task) end
  for index = #service.jobs.order, 1, -1 do self:job(service.jobs.order[index]) end
end

local ENTER, TAB, ESCAPE = 13, 9, 27

-- A key that was pressed. Returns false when it closes the window.
function Panel:key(code, backwards)
  local form = self.service.form
  if code == ENTER then
    if not self.view then self.service:run_form() end
  elseif code == TAB then form:enter(form:next_field(backwards and -1 or 1))
  elseif code == ESCAPE then return false
  else form:key(code) end
end

-- One picture. Returns false once the window was closed.
function Panel:draw()
  local ok, stays = pcall(self.ui.frame, self.ui, function() self:draw_all() end, function(...) return self:key(...) end)
  if not ok then
    if getmetatable(self.ui) ~= Imgui then error(stays, 0) end
    -- A ReaImGui that is not as it should be costs its looks, not the panel.
    self.imgui_failed = true
    self:close()
    self:open()
    self.service:say("ReaImGui cannot draw the panel: " .. tostring(stays), "The panel is drawn without it.")
    return true
  end
  if not stays then
    self.service.form:leave()
    self:close()
  end
  return stays
end

return Panel
