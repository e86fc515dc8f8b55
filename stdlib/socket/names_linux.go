package socket

// Values of netdb.h, for the constants of constants.go.
const (
	aiPassive     = 0x1
	aiCanonname   = 0x2
	aiNumerichost = 0x4
	aiV4mapped    = 0x8
	aiAll         = 0x10
	aiAddrconfig  = 0x20
	aiNumericserv = 0x400
	aiMapped      = aiV4mapped // all flags that ask for IPv4-mapped addresses

	niNumerichost = 0x1
	niNumericserv = 0x2
	niNofqdn      = 0x4
	niNamereqd    = 0x8
	niDgram       = 0x10
	niIdn         = 0x20
)

var extraConstants = [...]constant{
	{"EAI_BADFLAGS", -1},
	{"EAI_NONAME", -2},
	{"EAI_AGAIN", -3},
	{"EAI_FAIL", -4},
	{"EAI_NODATA", -5},
	{"EAI_FAMILY", -6},
	{"EAI_SOCKTYPE", -7},
	{"EAI_SERVICE", -8},
	{"EAI_ADDRFAMILY", -9},
	{"EAI_MEMORY", -10},
	{"EAI_SYSTEM", -11},
	{"EAI_OVERFLOW", -12},

	{"NI_IDN", niIdn},

	// linux/can/j1939.h
	{"SO_J1939_FILTER", 1},
	{"SO_J1939_PROMISC", 2},
	{"SO_J1939_SEND_PRIO", 3},
	{"SO_J1939_ERRQUEUE", 4},
	{"SCM_J1939_DEST_ADDR", 1},
	{"SCM_J1939_DEST_NAME", 2},
	{"SCM_J1939_PRIO", 3},
	{"SCM_J1939_ERRQUEUE", 4},
}
