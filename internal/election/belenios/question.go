package belenios

import "strconv"

// Bounds of what is read: far above any election of ours, low enough that no input
// keeps the portal busy.
const (
	mostQuestions    = 20
	mostAnswers      = 500
	mostVoters       = 1_000_000
	mostElectionSize = 1 << 20
	mostTrustees     = 50
)

// Cells is the number of cells of the choices to the question.
func (q Question) Cells() int {
	if q.Blank {
		return len(q.Answers) + 1
	}
	return len(q.Answers)
}

// values is the number of values the overall proof of an expressed vote is about.
func (q Question) values() int { return q.Max - q.Min + 1 }

// overall is the number of proofs in an overall proof.
func (q Question) overall() int {
	if q.Blank {
		return q.values() + 1
	}
	return q.values()
}

func (q Question) check() error {
	switch {
	case len(q.Answers) == 0 || len(q.Answers) > mostAnswers:
		return refuse(WrongParameters, "a question has %d answers", len(q.Answers))
	case q.Min < 0 || q.Max < q.Min || q.Max > len(q.Answers):
		return refuse(WrongParameters, "a question asks for %d to %d of %d answers", q.Min, q.Max, len(q.Answers))
	}
	return nil
}

// checkChoices says whether a voter may answer so.
func (q Question) checkChoices(cells []int) error {
	if len(cells) != q.Cells() {
		return refuse(BadChoices, "%d cells for a question of %d", len(cells), q.Cells())
	}
	sum := 0
	for _, m := range cells {
		if m != 0 && m != 1 {
			return refuse(BadChoices, "a cell is neither 0 nor 1")
		}
		sum += m
	}
	if q.Blank && cells[0] == 1 {
		if sum != 1 {
			return refuse(BadChoices, "blank and a name were chosen")
		}
		return nil
	}
	if sum < q.Min || sum > q.Max {
		return refuse(BadChoices, "%d names for %d to %d", sum, q.Min, q.Max)
	}
	return nil
}

func appendQuestion(b []byte, q Question) []byte {
	b = appendList(append(b, `{"answers":`...), q.Answers, appendString)
	if q.Blank {
		b = append(b, `,"blank":true`...)
	}
	b = strconv.AppendInt(append(b, `,"min":`...), int64(q.Min), 10)
	b = strconv.AppendInt(append(b, `,"max":`...), int64(q.Max), 10)
	return append(appendString(append(b, `,"question":`...), q.Question), '}')
}
