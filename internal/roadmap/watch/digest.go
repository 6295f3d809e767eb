package watch

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

const digestKind = "roadmap_alerts"

var _ = notify.NameKinds(map[string]string{digestKind: "Alertes de la feuille de route"})

// worstOf is how many alerts of each kind the digest tells.
const worstOf = 5

// alertsPath is the page of the alerts.
const alertsPath = "/equipe/alertes"

// SendDigest tells the team, on Monday from 7 h in Paris, what goes wrong in the
// roadmap; a portal that was down then tells until Tuesday evening. It may run every
// hour, in several instances: whoever writes the week sends it, once.
func (s *Service) SendDigest(ctx context.Context) error { return s.sendDigest(ctx, nil) }

// sendDigest is SendDigest at a moment, nil for now by the database's clock.
func (s *Service) sendDigest(ctx context.Context, at *time.Time) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		mine, err := postgres.Exec(ctx, tx, `
			INSERT INTO roadmap_digest (week)
			SELECT date_trunc('week', t)::date FROM (SELECT coalesce($1, now()) AT TIME ZONE 'Europe/Paris' AS t) c
			WHERE t >= date_trunc('week', t) + interval '7 hours' AND t < date_trunc('week', t) + interval '43 hours'
			ON CONFLICT DO NOTHING`, at)
		if err != nil || mine == 0 {
			return postgres.Wrap(err, "week of the digest of alerts")
		}
		return s.tellTeam(ctx, tx)
	})
}

// reader is somebody of the team.
type reader struct {
	Name  string `db:"name"`
	Email string `db:"email"`
}

// tellTeam queues one mail to each of the team, when there is something to tell. It is
// a digest already: it waits for no other.
func (s *Service) tellTeam(ctx context.Context, tx pgx.Tx) error {
	var (
		b      postgres.Batch
		counts []Tally
		worst  []Alert
		team   []reader
	)
	AddCounts(&b, &counts)
	postgres.AddList(&b, &worst, worstSQL, worstOf)
	postgres.AddList(&b, &team, `
		SELECT p.first_name || ' ' || p.last_name AS name, a.email
		FROM role_grant r JOIN account a ON a.id = r.account_id JOIN person p ON p.id = a.person_id
		WHERE r.role = $1 AND r.ended_at IS NULL AND a.disabled_at IS NULL ORDER BY p.id`, string(access.Team))
	if err := b.Run(ctx, tx); err != nil {
		return postgres.Wrap(err, "digest of alerts")
	}
	if len(worst) == 0 {
		return nil
	}
	all := Page{Counts: counts}.Of("")
	mails := make([]notify.Mail, len(team))
	for i, r := range team {
		mails[i] = notify.Mail{Kind: digestKind, ToAddress: r.Email, ToName: r.Name,
			Subject:    "Feuille de route\u00a0: " + french.Count(all, "alerte", "alertes") + " cette semaine",
			Paragraphs: []string{"Voici ce qui demande votre attention dans la feuille de route, le plus pressant d’abord."},
			News:       s.news(counts, worst), Action: "Voir toutes les alertes", Link: s.baseURL + alertsPath,
			Why: "Vous recevez ce message chaque lundi parce que vous faites partie de l’équipe de Bordeaux Métropole."}
	}
	if _, err := s.outbox.QueueMany(ctx, tx, mails); err != nil {
		return err
	}
	_, err := postgres.Exec(ctx, tx, `
		UPDATE roadmap_digest SET people = $1, alerts = $2 WHERE week = (SELECT max(week) FROM roadmap_digest)`, len(mails), all)
	return postgres.Wrap(err, "close the digest of alerts")
}

// news groups the alerts by kind: how many, then the worst.
func (s *Service) news(counts []Tally, worst []Alert) []notify.News {
	var out []notify.News
	for _, k := range Kinds {
		n := Page{Counts: counts}.Of(k)
		if n == 0 {
			continue
		}
		text := "Le détail suit."
		if n > worstOf {
			text = "Les cinq cas les plus pressants suivent."
		}
		out = append(out, notify.News{Title: k.Count(n), Text: text, Link: s.baseURL + alertsPath + "?type=" + k.Slug()})
		for _, a := range worst {
			if a.Kind == k {
				_, path := a.Remedy()
				out = append(out, notify.News{Title: french.Typo(a.Label()), Text: french.Typo(a.Severity.Label() + " : " + a.What()), Link: s.baseURL + path})
			}
		}
	}
	return out
}
