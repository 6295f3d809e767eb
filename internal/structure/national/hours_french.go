package national

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The words of opening hours. What is not here is not understood.
type hourWord int

const (
	wordDay      hourWord = iota // a day, or all of them
	wordTime                     // 9h, 14:30, midi
	wordNumber                   // 9 in « 9-12h »
	wordTo                       // à, au, -
	wordAnd                      // et, a comma
	wordSlash                    // between times or between ranges of times
	wordFrom                     // de, du: begins a range
	wordMorning                  // matin
	wordEvening                  // après-midi, soir
	wordClosed                   // fermé
	wordExcept                   // sauf
	wordNothing                  // le, les, ouvert, a colon
	wordSentence                 // ends a sentence
)

type hourToken struct {
	kind  hourWord
	days  []int
	value int // minutes
}

var (
	hourLexer = regexp.MustCompile(`^(?:` +
		`(?P<time>\d{1,2} ?(?:heures?|h)(?: ?[0-5]\d\b)?|\d{1,2}:[0-5]\d\b|midi\b|minuit\b)|` +
		`(?P<all>tous les jours|7 ?j ?(?:/|sur) ?7)|` +
		`(?P<number>\d{1,2}\b)|` +
		`(?P<holiday>jours? feries?)|` +
		`(?P<word>[a-z]+(?:-midi)?)|` +
		`(?P<mark>[-–—,;:./&()\n]))`)
	hourGroups = hourLexer.SubexpNames()
)

var hourWords = map[string]hourToken{
	"a": {kind: wordTo}, "au": {kind: wordTo}, "jusqu": {kind: wordNothing},
	"et": {kind: wordAnd}, "puis": {kind: wordAnd},
	"de": {kind: wordFrom}, "du": {kind: wordFrom}, "des": {kind: wordFrom},
	"matin": {kind: wordMorning}, "matins": {kind: wordMorning}, "matinee": {kind: wordMorning},
	"apres-midi": {kind: wordEvening}, "aprem": {kind: wordEvening}, "soir": {kind: wordEvening},
	"ferme": {kind: wordClosed}, "fermee": {kind: wordClosed}, "fermeture": {kind: wordClosed},
	"sauf": {kind: wordExcept}, "excepte": {kind: wordExcept},
	"le": {kind: wordNothing}, "les": {kind: wordNothing}, "l": {kind: wordNothing}, "la": {kind: wordNothing},
	"ouvert": {kind: wordNothing}, "ouverte": {kind: wordNothing}, "ouverture": {kind: wordNothing},
	"horaires": {kind: wordNothing}, "horaire": {kind: wordNothing},
}

var hourMarks = map[string]hourWord{
	"-": wordTo, "–": wordTo, "—": wordTo, ",": wordAnd, "&": wordAnd, "/": wordSlash, ":": wordNothing,
	"(": wordNothing, ")": wordNothing, ";": wordSentence, "\n": wordSentence, ".": wordSentence,
}

func init() {
	short := [][]string{{"lun", "lu"}, {"mar", "ma"}, {"mer", "me"}, {"jeu", "je"}, {"ven", "ve"}, {"sam", "sa"}, {"dim", "di"}}
	for d, name := range frenchNames {
		for _, word := range append(short[d], name, name+"s") {
			hourWords[word] = hourToken{kind: wordDay, days: []int{d}}
		}
	}
}

// hourTokens cuts a text, folded, into words; false at the first that is unknown.
func hourTokens(text string) ([]hourToken, bool) {
	text = strings.NewReplacer("'", " ", "après midi", "apres-midi", "apres midi", "apres-midi").Replace(foldHours(text))
	var out []hourToken
	for text = strings.TrimLeft(text, " "); text != ""; text = strings.TrimLeft(text, " ") {
		m := hourLexer.FindStringSubmatch(text)
		if m == nil {
			return nil, false
		}
		text = text[len(m[0]):]
		token, ok := hourTokenOf(m)
		if !ok {
			return nil, false
		}
		if token.kind == wordDay && strings.HasPrefix(text, ".") && len(m[0]) < 5 {
			text = text[1:] // lun.
		}
		out = append(out, token)
	}
	return out, true
}

// foldHours removes accents and case, and keeps lines apart.
func foldHours(text string) string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	for i, line := range lines {
		lines[i] = strings.Join(strings.Fields(plain(line)), " ")
	}
	return strings.Join(lines, "\n")
}

func hourTokenOf(m []string) (hourToken, bool) {
	for i, name := range hourGroups {
		if name == "" || m[i] == "" {
			continue
		}
		switch name {
		case "time":
			value, ok := clockOf(m[i])
			return hourToken{kind: wordTime, value: value}, ok
		case "number":
			n, err := strconv.Atoi(m[i])
			return hourToken{kind: wordNumber, value: n * 60}, err == nil && n <= 24
		case "all":
			return hourToken{kind: wordDay, days: []int{0, 1, 2, 3, 4, 5, 6}}, true
		case "holiday":
			return hourToken{kind: wordDay, days: []int{holiday}}, true
		case "mark":
			return hourToken{kind: hourMarks[m[i]]}, true
		default:
			token, known := hourWords[m[i]]
			return token, known
		}
	}
	return hourToken{}, false
}

// clockOf reads 9h, 9 h 30, 14:30, midi, minuit.
func clockOf(s string) (minutes int, ok bool) {
	switch s {
	case "midi":
		return 12 * 60, true
	case "minuit":
		return 24 * 60, true
	}
	numbers := strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	hour, _ := strconv.Atoi(numbers[0])
	if len(numbers) > 1 {
		minutes, _ = strconv.Atoi(numbers[1])
	}
	minutes += hour * 60
	return minutes, minutes <= 24*60
}

// parseFrench reads sentences one by one: days then hours (« lundi : 9h-12h »), or
// hours then days, or what is closed.
func parseFrench(text string) (week, bool) {
	tokens, ok := hourTokens(text)
	if !ok {
		return week{}, false
	}
	p := hourParser{}
	for len(tokens) > 0 {
		end := slices.IndexFunc(tokens, func(t hourToken) bool { return t.kind == wordSentence })
		if end < 0 {
			end = len(tokens)
		}
		if !p.sentence(tokens[:end]) {
			return week{}, false
		}
		tokens = tokens[min(end+1, len(tokens)):]
	}
	for d, closed := range p.week.closed[:7] {
		if closed && p.alone[d] {
			return week{}, false // said to be both
		}
		if closed {
			p.week.open[d] = nil
		}
	}
	return p.week, p.said
}

type hourParser struct {
	week  week
	said  bool
	alone [7]bool // hours were told of that day only
}

// part is a phrase of a sentence: days, hours, or the word closed.
type hourPart struct {
	kind   hourWord // wordDay, wordTime, wordClosed, wordExcept
	days   []int
	tokens []hourToken
}

// sentence reads a sentence.
func (p *hourParser) sentence(tokens []hourToken) bool {
	parts, ok := hourParts(tokens)
	if !ok {
		return false
	}
	if len(parts) == 0 {
		return true
	}
	daysFirst := parts[0].kind == wordDay
	for len(parts) > 0 {
		n := p.clause(parts, daysFirst)
		if n == 0 {
			return false
		}
		parts = parts[n:]
	}
	return true
}

// clause reads one assertion at the head of the parts and returns how many parts it
// took, 0 when it is not understood.
func (p *hourParser) clause(parts []hourPart, daysFirst bool) int {
	is := func(i int, kinds ...hourWord) bool { return i < len(parts) && slices.Contains(kinds, parts[i].kind) }
	switch {
	case is(0, wordClosed, wordExcept) && is(1, wordDay): // fermé le mercredi, and nothing after its days but another
		if is(2, wordTime, wordDay) || is(0, wordExcept) && !p.said {
			return 0
		}
		p.close(parts[1].days)
		return 2
	case daysFirst && is(0, wordDay) && is(1, wordClosed) && !is(2, wordTime):
		p.close(parts[0].days)
		return 2
	case daysFirst && is(0, wordDay) && is(1, wordExcept) && is(2, wordDay) && is(3, wordTime):
		// tous les jours sauf le dimanche de 9h à 12h
		p.close(parts[2].days)
		if !p.opened(minus(parts[0].days, parts[2].days), parts[3]) {
			return 0
		}
		return 4
	case daysFirst && is(0, wordDay) && is(1, wordTime):
		if !p.opened(parts[0].days, parts[1]) {
			return 0
		}
		return 2
	case !daysFirst && is(0, wordTime) && is(1, wordDay):
		if !p.opened(parts[1].days, parts[0]) {
			return 0
		}
		return 2
	}
	return 0
}

func minus(days, without []int) []int {
	return slices.DeleteFunc(slices.Clone(days), func(d int) bool { return slices.Contains(without, d) })
}

func (p *hourParser) close(days []int) {
	for _, d := range days {
		p.week.closed[d] = true
	}
	p.said = true
}

// opened adds hours to days. A day of which hours were told already is not
// understood: they could be more hours, or others instead.
func (p *hourParser) opened(days []int, part hourPart) bool {
	spans, ok := spansOf(part.tokens)
	if !ok || len(days) == 0 {
		return false
	}
	for _, d := range days {
		if d == holiday || len(p.week.open[d]) > 0 {
			return false
		}
		p.week.open[d], p.alone[d] = spans, len(days) == 1
	}
	p.said = true
	return true
}

// hourParts gathers the words of a sentence into phrases.
func hourParts(tokens []hourToken) (parts []hourPart, ok bool) {
	for i := 0; i < len(tokens); {
		switch t := tokens[i]; t.kind {
		case wordDay:
			end := phraseEnd(tokens, i, wordDay, wordFrom, wordTo, wordAnd, wordSlash, wordNothing)
			days, ok := daysOf(tokens[i:end])
			if !ok {
				return nil, false
			}
			parts = append(parts, hourPart{kind: wordDay, days: days})
			i = end
		case wordTime, wordNumber, wordMorning, wordEvening:
			end := phraseEnd(tokens, i, wordTime, wordNumber, wordMorning, wordEvening, wordFrom, wordTo, wordAnd, wordSlash, wordNothing)
			parts = append(parts, hourPart{kind: wordTime, tokens: tokens[i:end]})
			i = end
		case wordClosed, wordExcept:
			parts = append(parts, hourPart{kind: t.kind})
			i++
		case wordTo: // « lundi - 9h-12h »
			if len(parts) == 0 || parts[len(parts)-1].kind != wordDay || !timesFollow(tokens[i+1:]) {
				return nil, false
			}
			i++
		default:
			i++ // le, de, et: between phrases
		}
	}
	return parts, true
}

func timesFollow(tokens []hourToken) bool {
	i := slices.IndexFunc(tokens, func(t hourToken) bool { return t.kind != wordFrom && t.kind != wordNothing })
	return i >= 0 && (tokens[i].kind == wordTime || tokens[i].kind == wordNumber)
}

// phraseEnd returns where a phrase of some kinds of words ends: small words at its
// end belong to what follows.
func phraseEnd(tokens []hourToken, start int, kinds ...hourWord) int {
	end := start
	for i := start; i < len(tokens) && slices.Contains(kinds, tokens[i].kind); i++ {
		switch tokens[i].kind {
		case wordDay, wordTime, wordNumber, wordMorning, wordEvening:
			end = i + 1
		}
	}
	return end
}

// daysOf reads « lundi, mercredi », « lundi au vendredi et dimanche ».
func daysOf(tokens []hourToken) ([]int, bool) {
	var days []int
	from := -1                 // the day just read, which may begin a range
	ranged, to := false, false // a range was just read; a range is to be ended
	for _, t := range tokens {
		switch t.kind {
		case wordTo:
			if to || from < 0 {
				return nil, false
			}
			to = true
		case wordAnd, wordSlash:
			if to {
				return nil, false
			}
			from, ranged = -1, false
		case wordDay:
			switch {
			case ranged:
				return nil, false // lundi-mercredi-vendredi
			case to && (len(t.days) != 1 || t.days[0] == holiday || t.days[0] == from):
				return nil, false
			case to:
				days = append(days, between(from, t.days[0])...)
				from, ranged, to = -1, true, false
			default:
				days = append(days, t.days...)
				if from = -1; len(t.days) == 1 && t.days[0] != holiday {
					from = t.days[0]
				}
			}
		}
	}
	slices.Sort(days)
	return slices.Compact(days), !to
}

// spansOf reads « de 9h à 12h et de 14h à 17h30 », « 9h/12h - 14h/17h ».
func spansOf(tokens []hourToken) ([]span, bool) {
	var times []hourToken
	var links []hourWord // between times
	link, morning, evening := wordNothing, false, false
	for _, t := range tokens {
		switch t.kind {
		case wordTime, wordNumber:
			if len(times) > 0 {
				links = append(links, link)
			}
			times, link = append(times, t), wordNothing
		case wordMorning, wordEvening:
			morning, evening = morning || t.kind == wordMorning, evening || t.kind == wordEvening
			link = strongest(link, wordAnd)
		case wordFrom:
			link = strongest(link, wordAnd)
		case wordTo, wordAnd, wordSlash:
			if link == wordTo && t.kind == wordTo {
				return nil, false
			}
			link = strongest(link, t.kind)
		}
	}
	spans, ok := paired(times, links)
	return spans, ok && halves(spans, morning, evening)
}

// strongest keeps what separates two times when several words do.
func strongest(a, b hourWord) hourWord {
	if a == wordNothing {
		return b
	}
	if a != b {
		return wordAnd // « / de », « - puis »
	}
	return a
}

// paired makes ranges of times and of what links them.
func paired(times []hourToken, links []hourWord) ([]span, bool) {
	if len(times) == 0 || len(times)%2 != 0 {
		return nil, false
	}
	inner := links[0] // what links the two ends of a range
	if inner != wordTo && inner != wordSlash {
		return nil, false
	}
	var spans []span
	for i := 0; i < len(times); i += 2 {
		if links[i] != inner || i > 0 && links[i-1] == inner {
			return nil, false
		}
		from, to := times[i], times[i+1]
		if to.kind == wordNumber || from.value < 5*60 { // 2h for 14h, most likely
			return nil, false
		}
		spans = append(spans, span{from.value, to.value})
	}
	return tidy(spans)
}

// halves tells whether hours agree with « matin » and « après-midi ».
func halves(spans []span, morning, evening bool) bool {
	early, late := 0, 0
	for _, s := range spans {
		if s.from < 13*60 && s.to <= 14*60 {
			early++
		}
		if s.from >= 12*60 {
			late++
		}
	}
	switch {
	case morning && evening:
		return early > 0 && late > 0
	case morning:
		return early == len(spans)
	case evening:
		return late == len(spans)
	}
	return true
}
