-- Things that are made one after the other, for wrk: every request makes one that is not there yet.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init()
  made = 0
  headers = {
    ["Authorization"] = os.getenv("MERIDIAN_TOKEN"),
    ["Content-Type"] = "application/json",
    ["If-None-Match"] = "*",
  }
end

function request()
  made = made + 1
  local path = wrk.path .. "load-" .. number .. "-" .. made
  return wrk.format("PUT", path, headers, os.getenv("MERIDIAN_BODY"))
end

function response(status)
  if status ~= 201 then
    io.stderr:write("refused: " .. status .. "\n")
  end
end
