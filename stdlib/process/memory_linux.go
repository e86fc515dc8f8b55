package process

// memoryFolder is where POSIX's shared memory is.
const memoryFolder = "/dev/shm"
