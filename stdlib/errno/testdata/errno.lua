-- errno: names to numbers and back.

test("numbers by name", function()
  eq({errno.EPERM, errno.ENOENT, errno.EINTR, errno.EBADF, errno.EACCES, errno.EPIPE}, {1, 2, 4, 9, 13, 32})
  for _, name in ipairs {"ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EADDRINUSE", "EINPROGRESS", "ENOTCONN", "EHOSTUNREACH", "EMSGSIZE", "ECANCELED"} do
    eq(type(errno[name]), "number", name)
  end
  eq({errno.EWOULDBLOCK == errno.EAGAIN, errno.EOPNOTSUPP ~= nil, errno.ENOTSUP ~= nil, errno.EDOOFUS or errno.EBFONT or "a platform of its own"}, {true, true, true, errno.EBFONT or errno.EDOOFUS})
  raises("module 'errno' has no 'ECONREFUSED'; did you mean 'ECONNREFUSED'?", function() return errno.ECONREFUSED end)
end)

test("names by number", function()
  eq({errno.name(errno.ECONNREFUSED), errno.name(errno.EAGAIN), errno.name(errno.EOPNOTSUPP)}, {"ECONNREFUSED", "EAGAIN", "EOPNOTSUPP"})
  eq({errno.name(0), errno.name(-1), errno.name(100000), errno.name(4000)}, {})
  for name, n in pairs(errno) do
    if type(n) == "number" then eq(errno[errno.name(n)], n, name) end
  end
end)

test("what they mean", function()
  eq({errno.strerror(errno.ECONNREFUSED), errno.strerror(errno.ENOENT), errno.strerror(errno.ETIMEDOUT)},
    {"connection refused", "no such file or directory", "timed out"})
  eq({errno.strerror(0), errno.strerror(-1), errno.strerror(100000)}, {"success", "unknown error -1", "unknown error 100000"})
end)

test("bad arguments", function()
  raises("bad argument #1 to 'name' (number expected, got no value)", errno.name)
  raises("bad argument #1 to 'name' (integer expected, got 1.5)", errno.name, 1.5)
  raises("bad argument #1 to 'strerror' (number expected, got string)", errno.strerror, "ENOENT")
end)
