// Package syntax reads Lua: [Parse] turns a source into a tree with exact places, for
// compilers, checkers, formatters and editors. It runs nothing, and needs no
// interpreter.
//
// # The language
//
// It is Lua 5.1, as its manual and the PUC implementation have it: what that takes is
// taken, with the same tree, and what that refuses is refused, in the same words. Beyond
// 5.1 are, as in LuaJIT:
//
//   - goto and labels. "goto" is a word only before a name; elsewhere it is a name.
//   - the escapes \xXX, \z and \u{XXX} in strings. Another unknown escape means the
//     character after the backslash, as in 5.1.
//   - fractions and signed exponents of hexadecimal numbers: 0x1.8, 0x1p-4.
//
// A UTF-8 byte order mark before a source is skipped; so is a first line that begins with
// '#', where [SkipFirstLine] says that the source is a file. An opening "[[" inside of a
// long string is nothing special, as the manual has it.
//
// The parser checks the grammar, and besides only what 5.1's parser knows at once: that
// "..." is in a function that takes it, and that break is in a loop. Whether a label
// exists, or a function has too many local variables, is for a compiler to say.
//
// # The tree
//
// A [Chunk] has a [Block] of statements ([Stmt]), which have expressions ([Expr]). Each is
// a [Node] that says where it begins and ends: source[n.Pos().Offset:n.End().Offset] is
// its text, from its first token to its last. A block's text reaches from the word before
// it to the word that ends it, with the blanks and comments at both ends, and so does the
// text of a [Clause]. Parentheses and the spelling of numbers are kept; the tree lacks
// only blanks, separators, and how a string was quoted. Comments are in a list of their
// own, [Chunk.Comments].
//
// [Walk] visits every node of a tree. Whoever recurses instead should know that depth is
// bounded by [MaxDepth], but for three sorts of chain, that are as long as the source
// allows and want a loop: operators to the left (the X of a [BinaryExpr]: 1+1+1), ".." to
// the right (its Y: a..b..c), and calls and indexes (the Func of a [CallExpr], the X of an
// [IndexExpr]: a.b.c:d():e()).
//
// # Errors
//
// Parse gives up at the first error, an [*Error], whose text is Lua 5.1's:
//
//	script.lua:7: 'end' expected (to close 'while' at line 2) near '<eof>'
//
// It has the place as data too, that of the word that lacks its end ([Error.Opening]), and
// whether more source could mend it ([Error.Incomplete], or errors.Is with
// [io.ErrUnexpectedEOF]), for prompts.
//
// # Bounds
//
// Time and memory are linear in the source: about 15 bytes for each of ordinary code, 100
// at worst. Nesting is bounded by MaxDepth, and time by the function given to [Stop].
// Whoever reads what others wrote bounds the source's size.
package syntax
