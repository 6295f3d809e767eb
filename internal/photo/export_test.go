package photo

// Hold takes the one place where photos are read, until release.
func Hold() (release func()) {
	oneAtATime <- struct{}{}
	return func() { <-oneAtATime }
}
