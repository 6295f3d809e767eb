package postgres_test

import (
	"net/url"
	"testing"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

// as returns the URL of the same database for another login.
func as(t *testing.T, database, login string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	if u.User = url.User(login); u.Query().Has("user") {
		q := u.Query()
		q.Set("user", login)
		u.RawQuery, u.User = q.Encode(), nil
	}
	return u.String()
}

// TestConfined: what counts is what the login may take back with RESET ROLE, not
// the role it wears.
func TestConfined(t *testing.T) {
	t.Parallel()
	database := pgtest.New(t)
	owner := pgtest.Open(t, database)
	for _, sql := range []string{
		`DO $$ BEGIN CREATE ROLE confined_login LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
		`DO $$ BEGIN CREATE ROLE owning_login LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
		`GRANT portal_app TO confined_login, owning_login`,
		`GRANT portal_owner TO owning_login`,
	} {
		if _, err := owner.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	for login, want := range map[string]bool{"portal_owner": false, "owning_login": false, "confined_login": true} {
		pool, err := postgres.Open(t.Context(), as(t, database, login), postgres.Options{MaxConns: 1})
		if err != nil {
			t.Fatal(err)
		}
		separated, err := postgres.Separated(t.Context(), pool)
		if err != nil || !separated {
			t.Errorf("%s: separated = %v, %v: every login acts in the application role", login, separated, err)
		}
		if got, err := postgres.Confined(t.Context(), pool); err != nil || got != want {
			t.Errorf("%s: confined = %v, %v, want %v", login, got, err, want)
		}
		pool.Close()
	}
}
