-- For wrk: seven requests in ten read a time line, two post, one likes. The arguments are the
-- number of the chirp to like and the tokens of the people.
local threads = {}
local liked, secrets

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(arguments)
  liked = arguments[1]
  secrets = {}
  for i = 2, #arguments do table.insert(secrets, arguments[i]) end
  asked, posted, wrong = 0, 0, 0
end

function request()
  asked = asked + 1
  local headers = {
    ["Authorization"] = "Bearer " .. secrets[asked % #secrets + 1],
    ["Content-Type"] = "application/json",
  }
  local kind = asked % 10
  if kind == 0 or kind == 5 then
    local text = '{"text": "' .. number .. " writes " .. asked .. '"}'
    return wrk.format("POST", "/api/v1/chirps", headers, text)
  elseif kind == 3 then
    return wrk.format("PUT", "/api/v1/chirps/" .. liked .. "/like", headers)
  end
  return wrk.format("GET", "/api/v1/timelines/personal", headers)
end

function response(status)
  if status == 201 then posted = posted + 1 end
  if status >= 300 then wrong = wrong + 1 end
end

function done(summary)
  local posts, errors = 0, 0
  for _, thread in ipairs(threads) do
    posts = posts + thread:get("posted")
    errors = errors + thread:get("wrong")
  end
  local sockets = summary.errors
  io.write(string.format('{"requests": %d, "posted": %d, "wrong": %d, "broken": %d}\n',
    summary.requests, posts, errors,
    sockets.connect + sockets.read + sockets.write + sockets.timeout))
end
