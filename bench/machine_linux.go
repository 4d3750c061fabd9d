package main

import (
	"os"
	"syscall"
)

const syncCall = "fdatasync"

func dataSync(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }
