package hint

const (
	elseIf   = "\"elseif\" is one word: an if after \"else\" is another if, which needs an \"end\" of its own"
	twoArgs  = "an address is no tuple: host and port are two arguments"
	noBraces = "blocks have no braces: \"function f() ... end\", \"if x then ... end\", \"while x do ... end\""
)

// blocks are mistakes at a block's beginning: what is wrong is noticed there, or where the next
// statement is.
var blocks = []rule{
	{``, `^\s*(?:async\s+)?def\s+([\w.]+)\s*(\([^)]*\)).*$`, `a function is "local function $1$2 ... end"`},
	{``, `^\s*while\b\s*(.*?)\s*:(?:\s.*)?$`, `a loop is "while $1 do ... end"`},
	{``, `^\s*for\s+(\w+)\s+in\s+range\((\w+)\)\s*:`, `a loop over numbers is "for $1 = 0, $2 - 1 do ... end"`},
	{``, `^\s*for\b.*:(?:\s.*)?$`, `a loop is "for i = 1, n do ... end", "for i, v in ipairs(list) do ... end" or "for k, v in pairs(t) do ... end"`},
	{``, `^\s*elif\b`, `"elif" is "elseif ... then"`},
	{``, `^\s*if\s+not\s+([\w.]+)\s+is\s+(?:None|nil)\b`, `"is None" is "== nil": "if $1 ~= nil then ... end"`},
	{``, `^\s*if\b.*\bis\s+not\s+(?:None|nil)\b`, `"is not None" is "~= nil": "if x ~= nil then ... end"`},
	{``, `^\s*if\b.*\bis\s+(?:None|nil)\b`, `"is None" is "== nil": "if x == nil then ... end"`},
	{``, `^\s*if\s+__name__\b`, `there is no __name__: a script runs from its first line to its last, and may call main() there`},
	{``, `^\s*if\b\s*(.*?)\s*:(?:\s.*)?$`, `a condition is "if $1 then ... end"`},
	{``, `^\s*else\s*:`, `"else" has no colon, and "end" closes the "if"`},
	{``, `^\s*class\s+(\w+)`, `there are no classes; a table is one: $1 = {} $1.__index = $1, and setmetatable({}, $1) makes an object`},
	{``, `^\s*(?:try|except|finally)\b.*:`, `errors are caught by a call: "local ok, err = pcall(fn, ...)"`},
	{``, `^\s*(?:try|catch|finally)\b.*\{`, `errors are caught by a call: "local ok, err = pcall(fn, ...)"`},
	{``, `^\s*with\b.*\bas\s+(\w+)\s*:`, `what is to be closed in any case has a method: "$1:with(function($1) ... end)"`},
	{`'=' expected near '<eof>'`, `^\s*([\w.\[\]]+)\s*$`, `a value alone is no statement: print($1) shows it, $1() calls it`},
	{``, `^\s*(?:if|while|for)\s*\(.*\)\s*\{`, noBraces},
	{``, `\bfunction\b[^{]*\)\s*\{`, noBraces},
}

// expected is in all messages about syntax.
const expected = `expected|ambiguous syntax`

// syntax are mistakes that tell by a word at which the line begins.
var syntax = []rule{
	{expected, `^\s*import\s+(\w+)\s*$`, `modules are there already, by their names; a file of your own is: local $1 = require "$1"`},
	{expected, `^\s*import\b`, `modules are there already, by their names; a file of your own is: local name = require "name"`},
	{expected, `^\s*from\s+([\w.]+)\s+import\s+(\w+)`, `modules are there already, by their names: "local $2 = $1.$2"; a file of your own comes by require "$1"`},
	{expected, `^\s*from\s+([\w.]+)\s+import\b`, `modules are there already, by their names: "$1.name"; a file of your own comes by require "$1"`},
	{`near '#'`, `^\s*#`, `a comment begins with "--"`},
	{`near '#'`, `#`, `a comment begins with "--"; "#" is the length of what follows`},
	{expected, `^\s*//`, `a comment begins with "--"`},
	{expected, `/\*`, `a comment of several lines is "--[[ ... ]]"`},
	{`near '/'`, `([\w.)\]]+)\s*//\s*([\w.]+)`, `whole division is "math.floor($1 / $2)"; a comment begins with "--"`},
	{expected, `^\s*raise\b`, `errors are raised by a call: error("what went wrong")`},
	{expected, `^\s*throw\b`, `errors are raised by a call: error("what went wrong")`},
	{expected, `^\s*assert\s+[^(]`, `assert is a function: assert(x == 1, "message")`},
	{expected, `^\s*(?:const|let|var|final|auto)\s+(\w+)`, `a variable is "local $1 = ..."`},
	{expected, `^\s*(?:int|float|str|string|bool|char|double)\s+(\w+)\s*=`, `variables have no types: "local $1 = ..."`},
	{expected, `^\s*del\s+([\w.]+)`, `to take something away is to set it to nil: "$1 = nil"`},
	{expected, `^\s*(?:global|nonlocal)\s+(\w+)`, `what is not declared "local" is global already`},
	{expected, `^\s*(?:pass)\s*$`, `a block may be empty: "pass" is nothing at all`},
	{expected, `(?:^\s*|\bthen\s+)continue\b`, `to go on with the next round is "goto continue", with "::continue::" before the loop's "end"`},
	{expected, `(?:^|[^.\w])(?:await|async|yield)\s+\w`, `calls wait by themselves, while other threads run: neither await nor yield is needed; coroutine.yield(v) is a function`},
	{expected, `^\s*(?:func|fn|fun)\s+(\w+)\s*(\([^)]*\))`, `a function is "local function $1$2 ... end"`},
	{expected, `^\s*(?:switch|match)\b.*[:{]`, `there is no switch: "if x == 1 then ... elseif x == 2 then ... end", or a table of functions`},
	{expected, `^\s*print\s+[\w#]`, `print is a function: print(x)`},
	{expected, `^\s*local\s*\(([^)]*)\)`, `several variables are written without parentheses: "local $1 = ..."`},
	{expected, `^\s*\(([\w\s,.]*,[\w\s,.]*)\)\s*=[^=]`, `several variables are written without parentheses: "local $1 = ..."`},
	{expected, `^\s*for\s*\(`, `a loop over numbers is "for i = 0, 9 do ... end"`},
	{expected, `([\w.]+)[.:](connect|connect_ex|bind)\(\(([^()]*,[^()]*)\)`, twoArgs + `: $1:$2($3)`},
	{expected, `([\w.:]+)\(\(([^()]*,[^()]*)\)`, twoArgs + `: $1($2)`},
	{`'\)' expected near ','`, `[\w.:]+\([^()]*\((['"]_*['"]\s*,[^()]*)\)`, twoArgs + `: $1`},
	{`'\)' expected near '='`, `\bThread\(\s*target\s*=\s*([\w.]+)`, `a thread is begun by thread.start($1)`},
	{`'\)' expected near '='`, `[(,]\s*(\w+)\s*=\s*([^,()=]+)[,)]`, `arguments have no names; options are a table: {$1 = $2}`},
	{expected, `\blambda\b\s*([\w\s,]*):\s*(.*?)\)*\s*$`, `a function without a name is "function($1) return $2 end"`},
	{expected, `=>`, `a function without a name is "function(x) return x end"`},
	{expected, `:=`, `a variable is "local x = ..."`},
	{`'end' expected|'<eof>' expected|near 'else'`, `\belse\s+if\b`, elseIf},
	{expected, `\belif\b`, `"elif" is "elseif ... then"`},
	{`near 'if'|'then' expected near 'else'`, `(['"]_*['"])\s+if\s+(.+?)\s+else\s+([^)\s]+)`, `a choice is: $2 and $1 or $3`},
	{`near 'if'|'then' expected near 'else'`, `([\w.]+)\s+if\s+(.+?)\s+else\s+([^)\s]+)`, `a choice is: $2 and $1 or $3 ($1 must be neither false nor nil)`},
	{`near '(?:not|in)'`, `\bnot\s+in\b|\bin\b`, `whether something is in a table is "t[key] ~= nil"; in a string, s:find(text, 1, true)`},
	{`near '\['`, `\[\s*(?:\w+\s+)?[^]]*\bfor\b[^]]*\bin\b`, `a list is made by a loop: "local list = {}", then "for ... do list[#list + 1] = x end"`},
}

// operators are mistakes that tell by what stands within the line.
var operators = []rule{
	{expected, `([\w.]+)\[\s*:\s*-(\d+)\s*\]`, `a part of a string is $1:sub(1, -$2 - 1): the last byte is -1, and the second place is meant, too`},
	{expected, `([\w.]+)\[\s*:\s*(-?\w+)\s*\]`, `a part of a string is $1:sub(1, $2): the first byte is 1`},
	{expected, `([\w.]+)\[\s*0\s*:\s*\]`, `a part of a string is $1:sub(1)`},
	{expected, `([\w.]+)\[\s*(-\w+)\s*:\s*\]`, `a part of a string is $1:sub($2)`},
	{expected, `([\w.]+)\[\s*(\w+)\s*:\s*\]`, `a part of a string is $1:sub($2 + 1): the first byte is 1`},
	{expected, `([\w.]+)\[\s*(\w+)\s*:\s*(-?\w+)\s*\]`, `a part of a string is $1:sub($2 + 1, $3): the first byte is 1`},
	{expected, `!=`, `"not equal" is "~="`},
	{expected, `([\w.]+)\s*([-+*/%])=(?:[^=]|$)\s*`, `there is no "$2=": "$1 = $1 $2 ..."`},
	{expected, `([\w.]+)\s*\.\.=`, `there is no "..=": "$1 = $1 .. ..."`},
	{expected, `([\w.]+)\+\+`, `there is no "++": "$1 = $1 + 1"`},
	{expected, `\+\+([\w.]+)`, `there is no "++": "$1 = $1 + 1"`},
	{`'=' expected near`, `^\s*([\w.]+)\s*$`, `a call needs parentheses: $1()`},
	{expected, `&&`, `"&&" is "and"`},
	{expected, `\|\|`, `"||" is "or"`},
	{expected, `!\s*([\w(])`, `"!" is "not"`},
	{expected, `([\w.]+)\?\.(\w+)`, `what may be nil is asked first: "$1 and $1.$2"`},
	{expected, `([\w.]+)\s*\?\?\s*([\w.]+)`, `a default is "$1 or $2"`},
	{expected, `(?:return\s+|=\s*|\(\s*)(.+?)\s*\?\s*(.+?)\s*:\s*([^)]+)`, `a choice is: $1 and $2 or $3`},
	{expected, `\*\*`, `a power is "a ^ b"`},
	{`near '[&|<>]'`, `[\w)\]]\s*(?:&|\||<<|>>)\s*[\w(]`, `bits are combined by functions: bit.band, bit.bor, bit.lshift, bit.rshift`},
	{`near '\['|near ']'`, `(?:[=(,]|\breturn\b|\bin\b)\s*\[([^]]*)\]`, `a list is {$1}, and its first element is [1]`},
	{`near ':'`, `\{\s*(['"])(_*)['"]\s*:\s*([^,}]*)`, `a table is {key = value}: {["$2"] = $3}`},
	{`near ':'`, `\{\s*(\w+)\s*:\s*([^,}]*)`, `a table is {key = value}: {$1 = $2}`},
	{`near '"|near '%'`, `f(['"])`, `values are put into a string by ("... %s"):format(x), or by ".."`},
	{expected, `"""|'''`, `a string of several lines is [[ ... ]]`},
	{expected, `(['"]_*['"])\.join\(\s*([\w.]+)\s*\)`, `strings are joined by table.concat($2, $1)`},
	{expected, `(['"]_*['"])[.:](\w+)\(`, `a method of a string that stands there needs parentheses and a colon: ($1):$2(...)`},
	{`near '%'`, `(['"]_*['"])\s*%\s*(\([^)]*\)|[\w.]+)`, `values are put into a string by ($1):format($2)`},
	{`near '{'`, `[)\w]\s*\{`, noBraces},
	{`near '}'`, `\}`, noBraces},
	{expected, `\bis\s+not\b`, `"is not" is "~="`},
	{expected, `\w\s+is\s+\w`, `"is" is "=="`},
	{`near '@'`, `^\s*@`, `there are no decorators: f = decorate(f)`},
	{`near '` + "`", ``, `a string is "...", '...' or [[...]]; values are put in by ("... %s"):format(x)`},
	{`near ';'`, ``, `a statement may end with one ";", and none stands alone`},
}
