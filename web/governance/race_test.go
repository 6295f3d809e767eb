//go:build race

package governance

func init() { raced = true }
