package demo

import (
	"crypto/sha256"
	"fmt"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// history makes a past meeting one that was convened, held, and whose minutes are
// published. What was convened, answered and ticked on a past day is written as rows
// of that day, since the screens write today's; what was said and settled goes
// through the functions of the screens.
func (w *world) history(g gathering) error {
	for _, step := range []func(gathering) error{w.pastConvocation, w.pastRoll, w.leave, w.pastMinutes} {
		if err := step(g); err != nil {
			return err
		}
	}
	return nil
}

// pastConvocation writes who was convened twelve days before, with the mail that told
// them, and their answers.
func (w *world) pastConvocation(g gathering) error {
	kind := "convocation"
	if g.kind == meeting.Workshop {
		kind = "invitation"
	}
	sent := g.start.AddDate(0, 0, -12)
	_, err := postgres.Exec(w.ctx, w.DB, `
		INSERT INTO convocation (meeting_id, kind, seat_id, person_id, organisation_id, name, seat_label, group_position, group_name,
		                         organisation_name, college, chairs, email, alternate_person_id, alternate_name, created_at)
		SELECT $1, $2, c.seat_id, c.person_id, c.organisation_id, c.first_name || ' ' || c.last_name, c.seat_label, c.rule_position, c.group_name,
		       coalesce(c.organisation_name, ''), coalesce(c.college, ''), c.chairs, p.email, c.alternate_person_id, coalesce(c.alternate_name, ''), $3
		FROM composition($4, $5) c JOIN person p ON p.id = c.person_id WHERE c.counted`, g.id, kind, sent, g.body, g.day())
	if err != nil {
		return postgres.Wrap(err, "past convocation")
	}
	_, err = postgres.Exec(w.ctx, w.DB, `
		INSERT INTO convocation (meeting_id, kind, guest_id, person_id, name, seat_label, group_name, organisation_name, email, created_at)
		SELECT $1, 'invitation', g.id, g.person_id, g.name, CASE g.role WHEN 'state' THEN 'Représentation de l’État' WHEN 'expert' THEN 'Expertise nationale' ELSE 'Personne invitée' END,
		       'Personnes invitées', g.organisation, g.email, $2
		FROM meeting_guest g WHERE g.meeting_id = $1`, g.id, sent)
	if err != nil {
		return postgres.Wrap(err, "past invitations")
	}
	_, err = postgres.Exec(w.ctx, w.DB, `
		WITH s AS (INSERT INTO sending (meeting_id, kind, sent_by, created_at) VALUES ($1, 'convocation', $3, $2::timestamptz) RETURNING id),
		     r AS (SELECT c.id, c.email, c.name, gen_random_uuid() AS mail FROM convocation c WHERE c.meeting_id = $1 AND c.email <> ''),
		     m AS (INSERT INTO mail (id, kind, to_address, to_name, subject, text_body, html_body, state, job_id, attempts, created_at, sent_at)
		           SELECT r.mail, 'meeting_convocation', r.email, r.name, $4, $5, '<p>' || $5 || '</p>', 'sent', 0, 1, $2::timestamptz, $2::timestamptz + interval '40 seconds' FROM r RETURNING id)
		INSERT INTO sending_to (sending_id, convocation_id, mail_id) SELECT s.id, r.id, r.mail FROM s, r`,
		g.id, sent, actor.Name, "Convocation : "+g.script.theme, "Message d’avant le portail, repris pour la démonstration.")
	if err != nil {
		return postgres.Wrap(err, "past sending")
	}
	_, err = postgres.Exec(w.ctx, w.DB, `
		UPDATE convocation SET opened_at = created_at + interval '1 day', answered_at = created_at + interval '2 days', answered_by = 'link',
		       answer = CASE WHEN abs(hashtext(id || 'a')) % 6 = 0 THEN 'excused' WHEN abs(hashtext(id || 'a')) % 9 = 0 THEN 'remote' ELSE 'present' END
		WHERE meeting_id = $1 AND abs(hashtext(id || 'b')) % 10 < 8`, g.id)
	return postgres.Wrap(err, "past answers")
}

// pastRoll ticks the roll: the chair and the State come, three members in four too.
func (w *world) pastRoll(g gathering) error {
	_, err := postgres.Exec(w.ctx, w.DB, `
		INSERT INTO attendance (convocation_id, meeting_id, status, source, marked_by, marked_at)
		SELECT c.id, c.meeting_id,
		       CASE WHEN c.chairs OR c.guest_id IS NOT NULL OR c.seat_label LIKE 'Conseillère%' THEN 'present'
		            WHEN c.answer = 'excused' THEN 'excused'
		            WHEN abs(hashtext(c.id || 'p')) % 10 < 6 THEN 'present'
		            WHEN abs(hashtext(c.id || 'p')) % 10 < 8 THEN 'remote'
		            WHEN abs(hashtext(c.id || 'p')) % 10 < 9 THEN 'excused' ELSE 'absent' END,
		       'team', $2, $3 FROM convocation c WHERE c.meeting_id = $1`, g.id, actor.Name, g.start)
	if err != nil {
		return postgres.Wrap(err, "past roll")
	}
	_, err = postgres.Exec(w.ctx, w.DB, `
		UPDATE meeting SET state = 'held', convened_at = $2::timestamptz - interval '12 days', opened_at = $2::timestamptz, closed_at = $3, sequence = 1,
		       chair_present = body <> 'gni' AND kind = 'session', state_present = body = 'cmtin' WHERE id = $1`, g.id, g.start, g.end)
	return postgres.Wrap(err, "past meeting")
}

// leave records what was said, decided and asked.
func (w *world) leave(g gathering) error {
	items, err := w.Meetings.Items(w.ctx, w.DB, g.id)
	if err != nil {
		return err
	}
	byTitle := map[string]meeting.ItemID{}
	var notes []minutes.NoteInput
	for _, i := range items {
		byTitle[i.Title] = i.ID
	}
	for _, p := range g.script.points {
		if p.note != "" {
			notes = append(notes, minutes.NoteInput{Item: byTitle[p.title], Text: p.note})
		}
	}
	for _, p := range standing {
		text := p.note
		if !w.met[g.body] {
			text = p.first
		}
		if item, ok := byTitle[p.title]; ok {
			notes = append(notes, minutes.NoteInput{Item: item, Text: text})
		}
	}
	w.met[g.body] = true
	if _, err := w.Minutes.SaveNotes(w.ctx, actor, g.id, notes); err != nil {
		return err
	}
	for _, p := range g.script.points {
		if err := w.settle(g, byTitle[p.title], p); err != nil {
			return fmt.Errorf("point %q: %w", p.title, err)
		}
	}
	return nil
}

func (w *world) settle(g gathering, item meeting.ItemID, p point) error {
	for _, d := range p.settled {
		in := minutes.DecisionInput{Kind: minutes.KindDecision, Title: d.title, Text: d.text, Outcome: minutes.Outcome(d.outcome), Method: minutes.Consensus}
		if d.opinion {
			in.Kind = minutes.KindOpinion
		}
		if v := d.votes; v != nil {
			there, err := w.voters(g)
			if err != nil {
				return err
			}
			inFavour := there - v[0] - v[1]
			in.Method, in.For, in.Against, in.Abstentions = minutes.Vote, &inFavour, &v[0], &v[1]
		}
		done, err := w.Minutes.RecordDecision(w.ctx, actor, g.id, item, in)
		if err != nil {
			return err
		}
		if d.followUp != "open" {
			if err := w.Minutes.SetFollowUp(w.ctx, actor, done.ID, 1, minutes.FollowUpState(d.followUp), d.note); err != nil {
				return err
			}
		}
		_, err = postgres.Exec(w.ctx, w.DB, `UPDATE decision SET created_at = $2::timestamptz, followed_at = CASE WHEN followed_at IS NOT NULL THEN least($2::timestamptz + interval '60 days', now()) END WHERE id = $1`, done.ID, g.end)
		if err != nil {
			return err
		}
	}
	for _, a := range p.asked {
		due := g.day().AddDays(a.days)
		id, err := w.Minutes.RecordAction(w.ctx, actor, g.id, item, minutes.ActionInput{What: a.what, Owner: a.owner, DueOn: due})
		if err != nil {
			return err
		}
		if a.done != "" && due.Before(w.today) {
			if err := w.Minutes.SettleAction(w.ctx, actor, id, 1, minutes.ActionDone, a.done); err != nil {
				return err
			}
		}
	}
	if p.position != nil && g.body == governance.CMTIN {
		return w.take(g, item, *p.position)
	}
	return nil
}

// voters counts the members who were there: a vote gives no more voices than that.
func (w *world) voters(g gathering) (int, error) {
	n, err := postgres.Value[int](w.ctx, w.DB, `
		SELECT count(*)::int FROM attendance a JOIN convocation c ON c.id = a.convocation_id
		WHERE c.meeting_id = $1 AND c.kind = 'convocation' AND a.status IN ('present', 'remote')`, g.id)
	return n, postgres.Wrap(err, "voters")
}

// take records a position, its sending and its answer once their days are past.
func (w *world) take(g gathering, item meeting.ItemID, x position) error {
	in := minutes.PositionInput{Kind: minutes.KindPosition, Title: x.title, Text: x.text, Addressee: x.to}
	if x.request {
		in.Kind = minutes.KindRequest
	}
	id, _, err := w.Minutes.RecordPosition(w.ctx, actor, g.id, item, in)
	if err != nil {
		return err
	}
	sent, answered := g.day().AddDays(x.sentAfter), g.day().AddDays(x.answeredAfter)
	today := w.today
	if now := day.Today(); now.Before(today) {
		today = now // data of a day to come: the screens refuse what has not happened
	}
	if sent.After(today) {
		return nil
	}
	if err := w.Minutes.MarkSent(w.ctx, actor, id, 1, sent); err != nil {
		return err
	}
	if x.answer == "" || answered.After(today) {
		return nil
	}
	return w.Minutes.RecordAnswer(w.ctx, actor, id, 2, x.answer, answered)
}

// pastMinutes assembles the minutes as the screen does, and publishes them three
// weeks after the meeting, or yesterday.
func (w *world) pastMinutes(g gathering) error {
	if g.body == governance.CMTIN && g.day().Year() == w.today.Year()-1 {
		if err := w.programme(g); err != nil {
			return fmt.Errorf("programme of the year: %w", err)
		}
	}
	if err := w.Minutes.Start(w.ctx, actor, g.id); err != nil {
		return err
	}
	if g.script.expert != "" {
		v, err := w.Minutes.Minutes(w.ctx, actor, g.id)
		if err != nil {
			return err
		}
		if err := w.Minutes.Save(w.ctx, actor, g.id, v.Version, v.Text, g.script.expert); err != nil {
			return err
		}
	}
	v, err := w.Minutes.Minutes(w.ctx, actor, g.id)
	if err != nil {
		return err
	}
	text := v.Whole()
	sum := sha256.Sum256([]byte(text))
	out := g.end.AddDate(0, 0, 21)
	if yesterday := w.today.AddDays(-1).At(10, 0); out.After(yesterday) {
		out = yesterday
	}
	_, err = postgres.Exec(w.ctx, w.DB, `
		INSERT INTO minutes_publication (meeting_id, number, text, sha256, published_by, published_at) VALUES ($1, 1, $2, $3, $4, $5)`,
		g.id, text, sum[:], actor.Name, out)
	if err != nil {
		return postgres.Wrap(err, "past publication")
	}
	_, err = postgres.Exec(w.ctx, w.DB, `
		UPDATE minutes SET state = 'published', reviewed_at = $2::timestamptz - interval '14 days', review_until = ($2::timestamptz - interval '4 days')::date, validated_at = $2::timestamptz - interval '2 days',
		       validated_by = $3, published_at = $2::timestamptz, updated_at = $2 WHERE meeting_id = $1`, g.id, out, actor.Name)
	if err != nil {
		return postgres.Wrap(err, "past minutes")
	}
	_, err = postgres.Exec(w.ctx, w.DB, `UPDATE minutes_revision SET saved_at = $2 WHERE meeting_id = $1`, g.id, out.AddDate(0, 0, -15))
	if err != nil {
		return postgres.Wrap(err, "past revisions")
	}
	_, err = postgres.Exec(w.ctx, w.DB, `UPDATE meeting SET state = 'published' WHERE id = $1`, g.id)
	return postgres.Wrap(err, "past meeting")
}
