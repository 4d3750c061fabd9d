//go:build !linux

package main

import "os"

const syncCall = "fsync"

func dataSync(f *os.File) error { return f.Sync() }
