-- What wrk asks for: one request after the other of a file with a path a line, and at the end one line of figures.
local requests, count, i = {}, 0, 0
local tags, body, pause = os.getenv("BENCH_TAGS"), os.getenv("BENCH_BODY"), tonumber(os.getenv("BENCH_PAUSE"))
local method = body and "PUT" or "GET"

local function headers(tag)
  local all = {}
  for name, value in string.gmatch(os.getenv("BENCH_HEADERS") or "", "([^:\n]+): ([^\n]+)") do all[name] = value end
  if tag then all["If-None-Match"] = tag end
  return all
end

function init()
  local tag = tags and io.lines(tags)
  for path in io.lines(os.getenv("BENCH_PATHS")) do
    count = count + 1
    requests[count] = body and path or wrk.format(method, path, headers(tag and tag()))
  end
end

function request()
  i = i + 1
  local one = requests[(i - 1) % count + 1]
  -- Each write changes something: a body that says the same again would be no change, and no event.
  return body and wrk.format(method, one, headers(), (string.gsub(body, "#", os.getenv("BENCH_MARK") .. i))) or one
end

-- Not all the same: who begin together would ask together for ever, and wait for each other.
if pause then
  function delay() return math.floor(2 * pause * math.random() + 0.5) end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("FIGURES %d %d %d %d %d %d\n", summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(99), errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
