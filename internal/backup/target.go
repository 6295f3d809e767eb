package backup

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/postgres/local"
)

// target is a database as libpq's programs are told of it: by environment
// variables, since all users of a machine can read the arguments of a program.
type target struct {
	config *pgx.ConnConfig
	env    []string
}

// tlsSettings of a connection string that pgx does not keep in its configuration.
var tlsSettings = map[string]string{
	"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
}

func parseTarget(databaseURL string) (target, error) {
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return target{}, err // pgx leaves the password out of it
	}
	t := target{config: config}
	// Ours come last and so prevail; what we don't set is as pgx found it.
	t.env = append(os.Environ(),
		"PGHOST="+config.Host,
		"PGPORT="+strconv.Itoa(int(config.Port)),
		"PGUSER="+config.User,
		"PGDATABASE="+config.Database,
		// A statement_timeout of the role or the server is for requests.
		"PGOPTIONS=-c statement_timeout=0 -c lock_timeout=30s",
		"PGAPPNAME=portal backup",
		"PGCONNECT_TIMEOUT=15",
		"LC_ALL=C",
	)
	if config.Password != "" {
		t.env = append(t.env, "PGPASSWORD="+config.Password)
	}
	for name, value := range settings(databaseURL) {
		if variable, ok := tlsSettings[name]; ok {
			t.env = append(t.env, variable+"="+value)
		}
	}
	return t, nil
}

// settings reads the parameters of a URL or of key=value pairs; of the latter,
// only those without quotes.
func settings(databaseURL string) map[string]string {
	found := map[string]string{}
	if u, err := url.Parse(databaseURL); err == nil && u.Scheme != "" {
		for name, values := range u.Query() {
			found[name] = values[0]
		}
		return found
	}
	for _, pair := range strings.Fields(databaseURL) {
		if name, value, ok := strings.Cut(pair, "="); ok {
			found[name] = value
		}
	}
	return found
}

func (t target) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = t.env
	return cmd
}

func run(cmd *exec.Cmd) error {
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, trimOutput(said.Bytes()))
	}
	return nil
}

var futureRights = regexp.MustCompile(`(?m)^(ALTER DEFAULT PRIVILEGES) FOR ROLE (?:"(?:[^"]|"")*"|\S+) (.*;)$`)

// contents returns what pg_restore is to restore of the archive, and apart, as
// statements, the rights on tables that the owner will make. The archive names
// the owner in these, who may have another name here.
func (t target) contents(ctx context.Context, program, archive string) (entries string, rights []string, err error) {
	list, err := output(t.command(ctx, program, "--list", archive))
	if err != nil {
		return "", nil, err
	}
	var own, future strings.Builder
	for line := range strings.Lines(list) {
		if strings.Contains(line, " DEFAULT ACL ") {
			future.WriteString(line)
		} else {
			own.WriteString(line)
		}
	}
	cmd := t.command(ctx, program, "--use-list=/dev/stdin", "--file=-", archive)
	cmd.Stdin = strings.NewReader(future.String())
	script, err := output(cmd)
	if err != nil {
		return "", nil, err
	}
	for _, m := range futureRights.FindAllStringSubmatch(script, -1) {
		rights = append(rights, m[1]+" "+m[2])
	}
	return own.String(), rights, nil
}

func output(cmd *exec.Cmd) (string, error) {
	var out strings.Builder
	cmd.Stdout = &out
	err := run(cmd)
	return out.String(), err
}

// program finds a client program, best of the server's own version: an older
// pg_dump refuses the server, and a newer one writes settings that the server
// does not know.
func (t target) program(ctx context.Context, name string) (string, error) {
	conn, err := pgx.ConnectConfig(ctx, t.config)
	if err != nil {
		return "", err
	}
	major, _, _ := strings.Cut(conn.PgConn().ParameterStatus("server_version"), ".")
	if err := conn.Close(ctx); err != nil {
		return "", err
	}
	for _, dir := range programDirs(major) {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", ErrNoProgram
	}
	return path, nil
}

// programDirs lists where programs of that version are, then the directory of
// the server programs. What is on PATH comes last: Debian's is a script that
// looks for a cluster of its own.
func programDirs(major string) []string {
	dirs := []string{
		filepath.Join("/usr/lib/postgresql", major, "bin"),
		"/opt/homebrew/opt/postgresql@" + major + "/bin",
		"/usr/local/opt/postgresql@" + major + "/bin",
		"/usr/pgsql-" + major + "/bin",
	}
	if bin, err := local.FindBinaries(); err == nil {
		dirs = append(dirs, bin)
	}
	return dirs
}
