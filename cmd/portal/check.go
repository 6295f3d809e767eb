package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/web"
)

// verify checks what must always hold, and names the first row that does not.
func verify(ctx context.Context, c config, args []string) error {
	if len(args) != 0 {
		return errUsage
	}
	return inDatabase(ctx, c, func(c config, pool *pgxpool.Pool) error {
		areas, err := web.NewAreas(pool, c.site())
		if err != nil {
			return err
		}
		report, err := audit.Verify(ctx, pool)
		if err != nil {
			return err
		}
		fmt.Printf("journal: %d entries checked in %s, head %d %x\n", report.Entries, report.Took.Round(time.Millisecond), report.Head.Seq, report.Head.Hash)
		err = errors.Join(areas.Governance.CheckInvariants(ctx), areas.Structures.CheckInvariants(ctx), areas.Roadmap.CheckInvariants(ctx), areas.Editions.CheckInvariants(ctx))
		if report.Fault != nil {
			err = errors.Join(*report.Fault, err)
		}
		if err == nil {
			fmt.Println("governance, register of structures and roadmap: every invariant holds")
		}
		files, bad := document.Verify(ctx, pool)
		fmt.Printf("documents: %d read again, %d bytes\n", files.Documents, files.Bytes)
		published, changed := areas.Minutes.VerifyPublications(ctx, pool)
		if changed == nil {
			fmt.Printf("minutes: %d published texts are the ones that were published\n", published)
		}
		boxes, forged := areas.ElectionBoard.Check(ctx)
		if forged == nil {
			fmt.Printf("elections: %d archives verified, %d ballots\n", boxes.Boxes, boxes.Ballots)
		}
		return errors.Join(err, bad, changed, forged)
	})
}

// createUser makes the first administrator, who has nobody to be invited by.
func createUser(ctx context.Context, c config, args []string) error {
	if len(args) != 3 {
		return errUsage
	}
	return inDatabase(ctx, c, func(c config, pool *pgxpool.Pool) error {
		areas, err := web.NewAreas(pool, c.site())
		if err != nil {
			return err
		}
		link, err := areas.Accounts.CreateAdministrator(ctx, args[0], args[1], args[2])
		if err != nil {
			return err
		}
		fmt.Printf("Invitation link, good for one use within 14 days:\n%s\n", link)
		return nil
	})
}
