package socket

import "wirelua/stdlib/internal/sys"

// Keeper keeps open what the scripts of one interpreter listen on, for the next interpreter's.
type Keeper = sys.Keeper
