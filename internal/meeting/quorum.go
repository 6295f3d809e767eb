package meeting

// Count is how a roll stands.
type Count struct {
	People      int // on the roll
	Members     int // of them, convened as members; the others are guests
	Present     int
	Remote      int
	Represented int
	Proxies     int
	Excused     int
	Absent      int
	Unmarked    int
	Waiting     int // of the unmarked, those who checked in by themselves
	sitting     int // members present, remote, represented or by proxy
}

// add counts one row.
func (c *Count) add(r RollRow) {
	c.People++
	if r.Member() {
		c.Members++
		if r.Mark.counts() {
			c.sitting++
		}
	}
	switch r.Mark {
	case StatusPresent:
		c.Present++
	case StatusRemote:
		c.Remote++
	case StatusRepresented:
		c.Represented++
	case StatusProxy:
		c.Proxies++
	case StatusExcused:
		c.Excused++
	case StatusAbsent:
		c.Absent++
	default:
		c.Unmarked++
		if r.CheckedIn {
			c.Waiting++
		}
	}
}

// Sitting returns how many members the quorum counts: present, at a distance,
// represented, or having given a proxy.
func (c Count) Sitting() int { return c.sitting }

// counts tells whether the quorum counts a member marked so.
func (s Status) counts() bool {
	return s == StatusPresent || s == StatusRemote || s == StatusRepresented || s == StatusProxy
}

// there tells whether somebody marked so is in the room or on the screen.
func (s Status) there() bool { return s == StatusPresent || s == StatusRemote }

// Quorum is what the body's setting asks of a roll.
type Quorum struct {
	Percent int // of the convened members; 0: the body set none
	Needed  int
	Sitting int
}

// QuorumOf applies the setting of a body, nil for none, to a roll.
func QuorumOf(percent *int, c Count) Quorum {
	if percent == nil || *percent <= 0 {
		return Quorum{Sitting: c.Sitting()}
	}
	return Quorum{Percent: *percent, Needed: (*percent*c.Members + 99) / 100, Sitting: c.Sitting()}
}

// Set tells whether the body has a quorum: where it has none, « sans objet ».
func (q Quorum) Set() bool { return q.Percent > 0 }

// Met tells whether the quorum is reached. A meeting that convened nobody reaches
// none.
func (q Quorum) Met() bool { return q.Set() && q.Needed > 0 && q.Sitting >= q.Needed }
