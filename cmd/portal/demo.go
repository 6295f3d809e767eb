package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/demo"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/migrations"
	"bordeaux-metropole.fr/portal/web"
)

func loadDemo(ctx context.Context, c config, args []string) error {
	if len(args) != 0 {
		return errUsage
	}
	if !c.demo {
		return errors.New("demo data is for PORTAL_ENV=demo")
	}
	return inDatabase(ctx, c, func(c config, pool *pgxpool.Pool) error {
		if err := migrations.Apply(ctx, c.migrateURL); err != nil {
			return err
		}
		areas, err := web.NewAreas(pool, c.site())
		if err != nil {
			return err
		}
		empty, err := demo.Empty(ctx, pool)
		if err != nil {
			return err
		}
		if !empty {
			return errors.New("the database already holds accounts: demo data goes into an empty one")
		}
		return loadIfEmpty(ctx, c, areas)
	})
}

// loadIfEmpty loads the demonstration once: a second start keeps the data.
func loadIfEmpty(ctx context.Context, c config, areas *web.Areas) error {
	empty, err := demo.Empty(ctx, areas.Pool)
	if err != nil || !empty {
		return err
	}
	// A load cut short is begun again: no act of it waits for the disk.
	quick := areas.Pool.Config()
	quick.ConnConfig.RuntimeParams["synchronous_commit"] = "off"
	pool, err := pgxpool.NewWithConfig(ctx, quick)
	if err != nil {
		return err
	}
	defer pool.Close()
	loading, err := web.NewAreas(pool, c.site())
	if err != nil {
		return err
	}
	l := demo.Loader{DB: pool, Governance: loading.Governance, Accounts: loading.Accounts, Meetings: loading.Meetings, Minutes: loading.Minutes, Structures: loading.Structures, Indicators: loading.Indicators,
		Progress: loading.Progress, Campaigns: loading.Campaigns, Editions: loading.Editions, Funding: loading.Funding, Count: loading.Count}
	if err := l.Load(ctx, day.Today()); err != nil {
		return err
	}
	return postgres.Analyze(ctx, c.migrateURL)
}

// demoAccounts is what `make run` prints.
func demoAccounts(base string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n  %s\n\n  Comptes de démonstration, mot de passe : %s\n\n", base, demo.Password)
	for _, a := range [][2]string{
		{"admin@example.org", "administration du portail"},
		{"equipe@example.org, equipe2@", "équipe métropolitaine"},
		{"presidente@example.org, conseillere@", "présidences"},
		{"maire-begles@example.org, maire-{commune}@", "maires"},
		{"agent-begles@example.org", "référent communal, et structure"},
		{"structure-001@example.org … structure-160@", "structures du GNI"},
		{"partenaire-01@example.org … partenaire-14@", "partenaires institutionnels"},
		{"prefecture@example.org", "représentante de l’État"},
		{"scrutatrice@example.org, scrutateur2@, scrutatrice3@", "porteurs des clés de l’élection"},
	} {
		fmt.Fprintf(&b, "    %-46s %s\n", a[0], a[1])
	}
	fmt.Fprintf(&b, "\n  Codes de vote et clés de l’élection en cours : %s/elections/2/demonstration\n", base)
	b.WriteString("\n  Ctrl-C arrête tout.\n\n")
	return b.String()
}
