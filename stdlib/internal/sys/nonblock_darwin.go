package sys

// sockNonblock is SOCK_NONBLOCK, which macOS does not have.
const sockNonblock = 0
