-- Some 3 kB of JSON with every request.
local items = {}
for i = 1, 60 do
  items[i] = string.format('{"id":%d,"name":"thing number %d","price":%d}', i, i, i * 7 % 100)
end
wrk.method = "POST"
wrk.body = "[" .. table.concat(items, ",") .. "]"
wrk.headers["content-type"] = "application/json"
