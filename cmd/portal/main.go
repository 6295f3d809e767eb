// Command portal runs the portal of the governance of digital inclusion of
// Bordeaux Métropole: the server, and what keeps it alive. See `portal help`.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

const usage = `portal runs the governance of digital inclusion of Bordeaux Métropole.

  portal serve [--demo]      serve; with --demo, migrate first and load demo data
                             into an empty database
  portal migrate             bring the database to this version
  portal demo                load demo data into an empty database (PORTAL_ENV=demo)
  portal user EMAIL FIRST LAST   make an administrator; prints an invitation link
  portal backup FILE         write the whole database to FILE
  portal restore FILE        read FILE into an empty database
  portal verify              check the journal, the invariants, the documents, published minutes and programmes
  portal election verify FILE.bel [HEAD…]   check a ballot box whole, and that heads
                             published earlier are on its chain
  portal election credentials --roll ROLL.csv --out DIR [--send]   make the codes of an
                             election, apart from the portal; --send mails them
  portal healthcheck         ask /readyz of the portal on this machine
  portal help                this text

Settings come from the environment: see README.md, "Configuration".
Exit status: 0 done, 1 failed, 2 bad usage.
`

// A command runs with the configuration and the arguments after its name.
type command func(ctx context.Context, c config, args []string) error

var commands = map[string]command{
	"serve":       serve,
	"migrate":     migrate,
	"demo":        loadDemo,
	"user":        createUser,
	"backup":      backupTo,
	"restore":     restoreFrom,
	"verify":      verify,
	"healthcheck": healthcheck,
	"election":    election,
}

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // ignored under nohup
		signals = append(signals, syscall.SIGHUP) // the terminal was closed: Postgres must stop too
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, args []string) int {
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, usage)
		return 2
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		fmt.Print(usage)
		return 0
	}
	cmd, ok := commands[args[0]]
	if !ok {
		fmt.Fprintf(os.Stderr, "portal: unknown command %q\n\n%s", args[0], usage)
		return 2
	}
	c, err := environment()
	if err == nil {
		err = cmd(ctx, c, args[1:])
	}
	switch {
	case errors.Is(err, errUsage):
		fmt.Fprint(os.Stderr, usage)
		return 2
	case err != nil:
		fmt.Fprintf(os.Stderr, "portal %s: %v\n", args[0], err)
		return 1
	}
	return 0
}
