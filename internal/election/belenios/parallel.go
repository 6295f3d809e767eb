package belenios

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel calls one for 0…n−1 on every processor, and returns the error of the
// lowest number. None is begun above an error.
func inParallel(n int, one func(i int) error) error {
	var (
		next   atomic.Int64
		lock   sync.Mutex
		first  = n
		failed error
		group  sync.WaitGroup
	)
	below := func(i int) bool {
		lock.Lock()
		defer lock.Unlock()
		return i < first
	}
	for range min(runtime.GOMAXPROCS(0), n) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && below(i); i = int(next.Add(1)) - 1 {
				if err := one(i); err != nil {
					lock.Lock()
					if i < first {
						first, failed = i, err
					}
					lock.Unlock()
				}
			}
		})
	}
	group.Wait()
	return failed
}
