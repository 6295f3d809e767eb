package progress

// HoldPhotos takes the one place where photos are read, until release.
func HoldPhotos() (release func()) {
	oneAtATime <- struct{}{}
	return func() { <-oneAtATime }
}
