-- argparse: classes made with __call and __index functions, usage messages to the column.

local argparse = require "argparse"

local function parser()
  local p = argparse("script", "An example.")
  p:argument("input", "Input file.")
  p:option("-o --output", "Output file.", "a.out")
  p:option("-I --include", "Include locations."):count("*")
  p:flag("-v --verbose", "Say more."):count("0-2"):target("level")
  return p
end

test("arguments, options and flags", function()
  eq(parser():parse{"foo", "-o", "x", "-Isrc", "--include=lib", "-vv"}, {
    input = "foo", output = "x", include = {"src", "lib"}, level = 2,
  })
  eq(parser():parse{"foo"}, {input = "foo", output = "a.out", include = {}, level = 0})
end)

test("what is wrong is told", function()
  local ok, err = parser():pparse{}
  eq({ok, err}, {false, "missing argument 'input'"})
  local ok, err = parser():pparse{"a", "--outptu", "b"}
  eq({ok, err}, {false, "unknown option '--outptu'\nDid you mean '--output'?"})
end)

test("usage and help", function()
  eq(parser():get_usage(), "Usage: script [-h] [-o <output>] [-I <include>] [-v] <input>")
  assert(parser():get_help():find("\n         -o <output>,    Output file. (default: a.out)\n   --output <output>\n", 1, true), parser():get_help())
end)

test("commands and conversion", function()
  local p = argparse("git")
  p:command_target("command")
  local push = p:command("push")
  push:argument("n"):convert(tonumber)
  eq(p:parse{"push", "0x10"}, {command = "push", push = true, n = 16})
  local ok, err = p:pparse{"push", "x"}
  eq({ok, err}, {false, "malformed argument 'x'"})
end)
