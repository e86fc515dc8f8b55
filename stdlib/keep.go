package stdlib

import "wirelua/stdlib/socket"

// Keeper keeps open what the scripts of one interpreter listen on until those of the next do, for a host that runs
// a script anew; the zero value is ready to be used.
//
//	var keeper stdlib.Keeper
//	for { // each time with a new interpreter
//		keeper.Attach(in)
//		err := in.RunFile(ctx, "server.lua")
//		keeper.Ending() // before ctx ends, if that ends it
//		in.Close()
//	}
//	keeper.Drop()
//
// Attach is called before an interpreter runs scripts: what is kept is theirs to listen on again, and what they listen on is
// kept from Ending on, which says that their end has begun; what they have closed before that is not. Drop closes what
// nobody has taken. Any goroutine may call them.
type Keeper = socket.Keeper
