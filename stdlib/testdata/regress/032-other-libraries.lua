-- Who brought a script for Copas, luv, LuaFileSystem or lua-cjson read a list of files that were not found, and nothing of
-- what is here in their stead, as LuaSocket's modules have it.

test("modules of other libraries say what is here", function()
  for name, here in pairs {
    copas = "thread.start", luv = "thread.start", uv = "thread.start", cqueues = "thread.start",
    lfs = "os.rename", cjson = "here: json", ["cjson.safe"] = "pcall", dkjson = "here: json",
    ["socket.http"] = "http_get", ssl = "here: tls",
  } do
    local err = raises("module '" .. name .. "' not found: " .. name .. " is ", require, name)
    assert(tostring(err):find(here, 1, true), err)
  end
  raises("no file './nothing.lua'", require, "nothing")
end)

test("what os lacks is nil, as in Lua", function()
  eq(os.lfs, nil)
  raises("json is lua", function() return json.cjson end)
end)
