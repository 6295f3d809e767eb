// Command stop ends the shared Postgres cluster of the tests and deletes its
// data; `make test` ends with it. A cluster that tests are using is left alone.
//
// With -remove DIR it instead stops the cluster that `make run` keeps under the
// directory and deletes that one's data, for `make clean`.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"bordeaux-metropole.fr/portal/internal/postgres/local"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

func main() {
	remove := flag.String("remove", "", "stop the cluster of this `directory` and delete its data")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, *remove); err != nil {
		fmt.Fprintln(os.Stderr, "stop:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, remove string) error {
	if remove != "" {
		return local.Remove(ctx, remove, local.Options{})
	}
	stopped, err := pgtest.Shutdown(ctx)
	if errors.Is(err, local.ErrNoBinaries) {
		return nil // then there is no cluster
	}
	if err == nil && !stopped {
		fmt.Println("the test cluster is in use; it stops ten minutes after its last use")
	}
	return err
}
