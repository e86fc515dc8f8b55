package socket

// Values of netdb.h, for the constants of constants.go.
const (
	aiPassive     = 0x1
	aiCanonname   = 0x2
	aiNumerichost = 0x4
	aiAll         = 0x100
	aiV4mappedCfg = 0x200
	aiAddrconfig  = 0x400
	aiV4mapped    = 0x800
	aiNumericserv = 0x1000
	aiMapped      = aiV4mapped | aiV4mappedCfg // all flags that ask for IPv4-mapped addresses

	niNofqdn      = 0x1
	niNumerichost = 0x2
	niNamereqd    = 0x4
	niNumericserv = 0x8
	niDgram       = 0x10
	niIdn         = 0 // there is none
)

var extraConstants = [...]constant{
	{"AI_V4MAPPED_CFG", aiV4mappedCfg},
	{"AI_DEFAULT", aiV4mappedCfg | aiAddrconfig},
	{"AI_MASK", aiPassive | aiCanonname | aiNumerichost | aiNumericserv | aiAddrconfig},

	{"EAI_ADDRFAMILY", 1},
	{"EAI_AGAIN", 2},
	{"EAI_BADFLAGS", 3},
	{"EAI_FAIL", 4},
	{"EAI_FAMILY", 5},
	{"EAI_MEMORY", 6},
	{"EAI_NODATA", 7},
	{"EAI_NONAME", 8},
	{"EAI_SERVICE", 9},
	{"EAI_SOCKTYPE", 10},
	{"EAI_SYSTEM", 11},
	{"EAI_BADHINTS", 12},
	{"EAI_PROTOCOL", 13},
	{"EAI_OVERFLOW", 14},
	{"EAI_MAX", 15},

	// Levels of setsockopt that Python has where C does not name them.
	{"SOL_IP", 0},
	{"SOL_TCP", 6},
	{"SOL_UDP", 17},
}
