-- Copas is on LuaSocket, whose core is in C: there are no libraries in C here. Its names
-- on a module of ours would make this test fail, and Copas worth one of its own.

test("copas wants LuaSocket's core", function()
  raises("module 'socket.core' not found", require, "copas")
end)
