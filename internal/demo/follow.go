package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/campaign"
	"bordeaux-metropole.fr/portal/internal/roadmap/funding"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
)

// followRoadmap is what was done with the actions: decisions they come from, the
// campaign of spring and its reports, the one in course, the next programme, a note.
func (w *world) followRoadmap() error {
	if err := postgres.InTx(w.ctx, w.DB, w.linkDecisions); err != nil {
		return err
	}
	if err := w.springCampaign(); err != nil {
		return fmt.Errorf("campaign of spring: %w", err)
	}
	mayors, err := w.mayors()
	if err != nil {
		return err
	}
	if err := w.autumnCampaign(mayors); err != nil {
		return fmt.Errorf("campaign in course: %w", err)
	}
	if err := w.nextProgramme(mayors); err != nil {
		return fmt.Errorf("next programme: %w", err)
	}
	return w.note()
}

// asked are the actions a campaign asks about: those in progress that concern communes.
func (w *world) asked() []roadmap.ID {
	var ids []roadmap.ID
	for i, o := range outlines {
		if o.status == roadmap.InProgress && o.where != "" && o.body == "communes" {
			ids = append(ids, w.actions[i])
		}
	}
	return ids
}

// openCampaign prepares a campaign and opens it.
func (w *world) openCampaign(title string, about meeting.ID, days int) (campaign.Campaign, error) {
	c, err := w.Campaigns.Add(w.ctx, actor, campaign.Input{Title: title, Meeting: about, ClosesOn: w.today.AddDays(days), ClosesAt: 18 * time.Hour,
		Message: "Le Comité des communes se réunit bientôt. Dites-nous où en sont vos actions : deux minutes suffisent.", Actions: w.asked()})
	if err != nil {
		return c, err
	}
	c, _, err = w.Campaigns.Open(w.ctx, actor, c.ID, c.Version)
	return c, err
}

// springCampaign is closed; its days are given back to it.
func (w *world) springCampaign() error {
	c, err := w.openCampaign("Point de printemps", 0, 3)
	if err != nil {
		return err
	}
	if err := postgres.InTx(w.ctx, w.DB, func(tx pgx.Tx) error { return w.reports(tx, c.ID) }); err != nil {
		return err
	}
	if _, _, err := w.Campaigns.Close(w.ctx, actor, c.ID, c.Version); err != nil {
		return err
	}
	_, err = postgres.Exec(w.ctx, w.DB, `
		UPDATE campaign SET created_at = $2::timestamptz - interval '30 days', opened_at = $2::timestamptz - interval '25 days', closes_at = $2, closed_at = $2::timestamptz + interval '15 hours'
		WHERE id = $1`, c.ID, w.today.AddDays(-150).At(18, 0))
	return postgres.Wrap(err, "date the campaign of spring")
}

// autumnCampaign is in course: some communes have answered, the team has read some of
// the answers, Bègles is still to answer.
func (w *world) autumnCampaign(mayors []mayor) error {
	on := weekdayNear(w.today.AddDays(58))
	id, err := w.plan(gathering{body: governance.Communes, kind: meeting.Session, start: on.At(9, 0), end: on.At(12, 0), place: "Hôtel de Bordeaux Métropole, salle du Conseil",
		script: script{theme: "Avancement des actions dans les communes"}}, false)
	if err != nil {
		return err
	}
	c, err := w.openCampaign("Point d’automne", id, 18)
	if err != nil {
		return err
	}
	for n, m := range mayors {
		if n%5 < 2 || m.Slug == "begles" || m.Slug == "pessac" || m.Slug == "cenon" {
			continue
		}
		if err := w.answers(c.ID, m, n); err != nil {
			return fmt.Errorf("answers of %s: %w", m.Name, err)
		}
	}
	waiting, err := postgres.Values[progress.ReportID](w.ctx, w.DB, `
		SELECT id FROM progress_report WHERE campaign_id = $1 AND state = 'sent' AND difficulty = '' AND need = '' ORDER BY id LIMIT 8`, c.ID)
	if err != nil {
		return postgres.Wrap(err, "answers to read")
	}
	_, err = w.Campaigns.AcceptPlain(w.ctx, actor, c.ID, waiting)
	return err
}

// answers are those of a commune to the first actions it is asked about.
func (w *world) answers(c progress.CampaignID, m mayor, n int) error {
	board, err := w.Progress.Mine(w.ctx, m.actor(), 1)
	if err != nil {
		return err
	}
	for i, x := range board.Items {
		if i > n%4+1 || i > 3 {
			return nil
		}
		in := progress.Sending{Action: x.ID, Campaign: c, Seen: x.LastID}
		percent := min(10*(n%6+i+2), 90)
		if p := x.LastPercent; p != nil {
			percent = min(*p+10*(i%2+1), 90)
		}
		in.Said = progress.Report{Situation: progress.InProgress, Percent: &percent, Done: didWords[(n+i)%len(didWords)], GoodPractice: n%6 == 2 && i == 0}
		switch {
		case x.LastID != 0 && (i%3 == 2 || x.LastPercent != nil && *x.LastPercent > percent):
			in.Said = progress.Report{NothingNew: true}
		case n%4 == 3 && i == 1:
			need := needWords[n%len(needWords)]
			in.Said.Situation, in.Said.Difficulty, in.Said.NeedKind, in.Said.Need = progress.Late, stopWords[n%len(stopWords)], need.kind, need.text
		}
		if n == 7 && i == 0 {
			if in.Attached, err = poster(w.ctx); err != nil {
				return err
			}
		}
		if _, err := w.Progress.Send(w.ctx, m.actor(), in); err != nil {
			return fmt.Errorf("action %d: %w", x.ID, err)
		}
	}
	return nil
}

// poster is a picture drawn for the demonstration: nobody is on it.
func poster(ctx context.Context) (*progress.Attachment, error) {
	m := image.NewRGBA(image.Rect(0, 0, 900, 600))
	for i, c := range []color.RGBA{{0x0b, 0x4a, 0x8f, 255}, {0xf4, 0xf3, 0xef, 255}, {0x5c, 0x11, 0x30, 255}} {
		draw.Draw(m, image.Rect(0, 200*i, 900, 200*(i+1)), image.NewUniform(c), image.Point{}, draw.Src)
	}
	draw.Draw(m, image.Rect(380, 230, 520, 370), image.NewUniform(color.RGBA{0xff, 0xd4, 0x3b, 255}), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		return nil, err
	}
	u, err := progress.ReadAttachment(ctx, "affiche.jpg", bytes.NewReader(b.Bytes()))
	return &progress.Attachment{Upload: u, Caption: "Affiche de la permanence : trois bandes, bleue, blanche et lie-de-vin, et un carré jaune au milieu."}, err
}

// note is what the whole governance was told last.
func (w *world) note() error {
	d, err := w.Funding.Draft(w.ctx, actor, w.today.AddDays(-180))
	if err != nil {
		return err
	}
	_, err = w.Funding.Send(w.ctx, actor, funding.Note{Since: d.Since, Subject: d.Subject, Text: d.Text})
	return err
}
