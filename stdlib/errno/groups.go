package errno

import "wirelua/interp"

// groups are the errors that scripts with sockets, files and programs meet: for the manual.
var groups = []interp.Group{
	{Doc: "Connecting:", Fields: []interp.Field{
		{Name: "ECONNREFUSED", Doc: "nobody listens there"},
		{Name: "ETIMEDOUT", Doc: "there was no answer in time, the socket's timeout or the system's"},
		{Name: "EHOSTUNREACH", Doc: "no way leads to the host"},
		{Name: "ENETUNREACH", Doc: "no way leads to its network"},
		{Name: "EINPROGRESS", Doc: "a non-blocking socket has begun to connect"},
		{Name: "EALREADY", Doc: "it is still connecting"},
		{Name: "EISCONN", Doc: "it is connected already"},
	}},
	{Doc: "Addresses:", Fields: []interp.Field{
		{Name: "EADDRINUSE", Doc: "another socket has the address"},
		{Name: "EADDRNOTAVAIL", Doc: "it is no address of this machine, or there is no port left to connect from"},
		{Name: "EAFNOSUPPORT", Doc: "the socket is of another address family"},
		{Name: "EDESTADDRREQ", Doc: "sending needs an address"},
	}},
	{Doc: "Sending and receiving:", Fields: []interp.Field{
		{Name: "EAGAIN", Doc: "it would have to wait, and must not; EWOULDBLOCK is another name"},
		{Name: "ECONNRESET", Doc: "the peer broke the connection off"},
		{Name: "ECONNABORTED", Doc: "the connection was broken off here"},
		{Name: "EPIPE", Doc: "the peer takes no more, or sending was shut down"},
		{Name: "ENOTCONN", Doc: "the socket is not connected"},
		{Name: "EMSGSIZE", Doc: "the datagram, or a line, is too long"},
		{Name: "ENOBUFS", Doc: "the system has no room for it"},
		{Name: "EBADF", Doc: "it is closed, perhaps meanwhile"},
		{Name: "ECANCELED", Doc: "the thread was cancelled while it waited"},
		{Name: "EINTR", Doc: "a signal came; scripts do not meet it"},
	}},
	{Doc: "What cannot be done:", Fields: []interp.Field{
		{Name: "EACCES", Doc: "the system's rights or the policy do not allow it"},
		{Name: "EPERM", Doc: "it needs more rights"},
		{Name: "EINVAL", Doc: "a value is wrong, or this is not the moment for it"},
		{Name: "EOPNOTSUPP", Doc: "this kind of socket cannot do that"},
		{Name: "ENOPROTOOPT", Doc: "it has no such option"},
		{Name: "EPROTONOSUPPORT", Doc: "there is no such protocol"},
		{Name: "ENOTSOCK", Doc: "the descriptor is no socket"},
		{Name: "EDEADLK", Doc: "the thread would wait for itself"},
		{Name: "EMFILE", Doc: "the process, or the script, has as many descriptors as it may"},
		{Name: "ENFILE", Doc: "the system has as many as it may"},
		{Name: "ENOMEM", Doc: "there is no memory left for it"},
	}},
	{Doc: "Files and processes:", Fields: []interp.Field{
		{Name: "ENOENT", Doc: "there is no such file or folder"},
		{Name: "EEXIST", Doc: "there is one already"},
		{Name: "EISDIR", Doc: "it is a folder"},
		{Name: "ENOTDIR", Doc: "a part of the path is no folder"},
		{Name: "ENOTEMPTY", Doc: "the folder is not empty"},
		{Name: "ENOSPC", Doc: "the disk is full"},
		{Name: "ESPIPE", Doc: "it has no positions to seek"},
		{Name: "ESRCH", Doc: "there is no such process"},
		{Name: "ECHILD", Doc: "it is no child of this process"},
	}},
	{Doc: "Others. All names that the platform has are there, from E2BIG to EXDEV; those of other platforms are nil:", Fields: []interp.Field{
		{Name: "ENOSYS", Doc: "the system cannot do that at all"},
	}},
}
