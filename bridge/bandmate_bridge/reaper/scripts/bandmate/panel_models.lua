-- The models in the panel: the list of them, what is offered, and what is on its way.

local panel_models = {}

local ENDS = { done = "Installed", failed = "Failed", cancelled = "Cancelled", interrupted = "Interrupted" }

-- What the hub says of the model that is wanted, and whether to fetch it.
function panel_models.offer(panel)
  local ui, models = panel.ui, panel.service.models
  local wanted = models.wanted
  if not wanted then return end
  ui:gap(4)
  if not wanted.offer then
    ui:words(wanted.said, wanted.failed and "alarm" or "dim")
    if wanted.failed and wanted.remedy ~= "" then ui:words(wanted.remedy, "text") end
    local labels = wanted.failed and { "Try again", "Close" } or { "Not now" }
    local clicked = ui:buttons(labels, { 100, 80 })
    if clicked == #labels then models:decline() elseif clicked then models:ask(wanted.model) end
    return
  end
  for _, line in ipairs(wanted.offer.lines) do ui:words(line, "text") end
  ui:words("To the disk of the server, " .. panel.service.address .. ". Partial downloads resume.", "dim")
  local clicked = ui:buttons({ "Accept the licence and download", "Not now" }, { 220, 80 })
  if clicked == 1 then models:accept() elseif clicked then models:decline() end
end

-- Buttons for models that would help; what is asked about already has none.
function panel_models.help(panel, names)
  local models, labels, widths, known = panel.service.models, {}, {}, {}
  for _, name in ipairs(names or {}) do
    if not (models.wanted and models.wanted.model == name) and not panel_models.is_coming(models, name) then
      labels[#labels + 1], widths[#widths + 1], known[#known + 1] = "Download " .. name .. " ...", 220, name
    end
  end
  if #labels == 0 then return end
  local clicked = panel.ui:buttons(labels, widths)
  if clicked then models:ask(known[clicked]) end
end

function panel_models.is_coming(models, name)
  for _, pull in ipairs(models.pulls) do
    if pull.model == name and (not pull.state or pull.state == "done") then return true end
  end
  return false
end

local function said_of(panel, pull)
  if pull.state then return ENDS[pull.state] end
  local left = pull.left and pull.share < 1 and ", " .. panel.clock(pull.left) .. " left" or ""
  return pull.stage .. left
end

-- Models on their way, and what became of those before.
function panel_models.pulls(panel)
  local ui, models = panel.ui, panel.service.models
  for index = #models.pulls, 1, -1 do
    local pull = models.pulls[index]
    local broken = pull.state ~= nil and pull.state ~= "done"
    local share = pull.state == "done" and 1.0 or pull.share or 0.0
    local label = not pull.state and "Cancel" or pull.state == "done" and "Close" or nil
    local clicked = ui:job(pull.job, "Downloading " .. pull.model, said_of(panel, pull), share, broken, label)
    if pull.sentence then ui:words(pull.sentence, pull.state == "failed" and "alarm" or "dim") end
    if (pull.remedy or "") ~= "" then ui:words(pull.remedy, "dim") end
    local next_step = broken and ui:buttons({ "Resume", "Close" }, { 80, 80 })
    ui:gap(7)
    if next_step == 1 then models:again(pull)
    elseif next_step == 2 or clicked and pull.state then models:forget(pull)
    elseif clicked then models:cancel(pull) end
  end
end

local function entry(panel, model)
  local models = panel.service.models
  local coming = panel_models.is_coming(models, model.name)
  local asked = models.wanted and models.wanted.model == model.name
  local label = not (model.here or coming or asked) and "Download ..." or nil
  local state = model.here and "installed" or coming and "downloading" or model.size
  if panel.ui:entry(model.name, state, model.about, "Licence: " .. model.licence, label) then models:ask(model.name) end
end

-- The list, an engine at a time.
function panel_models.list(panel)
  local ui, engines = panel.ui, panel.service.models.engines
  ui:gap(6)
  if #engines == 0 then return ui:words("No engine of this server uses a model.", "dim") end
  local options, chosen = {}, engines[1]
  for index, engine in ipairs(engines) do
    options[index] = { value = engine.engine, title = engine.engine }
    if engine.engine == panel.engine then chosen = engine end
  end
  panel:choice("Models of", chosen.engine, options, function(value) panel.engine = value end)
  ui:words(chosen.state, "dim")
  panel_models.offer(panel)
  panel_models.pulls(panel)
  for _, model in ipairs(chosen.models) do entry(panel, model) end
end

return panel_models
