package belenios

import (
	"crypto/rand"
	"encoding/binary"
	"math/big"
	"sync"
)

// groupName is how the protocol names the group in hashes.
const groupName = "BELENIOS-2048"

// The group BELENIOS-2048: the elements of order q modulo p, a Schnorr group made as
// FIPS 186-4 says. (p−1)/q has small factors (2 and 3 among them): an element must be
// shown to be in the group by x^q = 1, nothing less.
var (
	groupP = parameter("20694785691422546401013643657505008064922989295751104097100884787057374219242717401922237254497684338129066633138078958404960054389636289796393038773905722803605973749427671376777618898589872735865049081167099310535867780980030790491654063777173764198678527273474476341835600035698305193144284561701911000786737307333564123971732897913240474578834468260652327974647951137672658693582180046317922073668860052627186363386088796882120769432366149491002923444346373222145884100586421050242120365433561201320481118852408731077014151666200162313177169372189248078507711827842317498073276598828825169183103125680162072880719")
	groupQ = parameter("78571733251071885079927659812671450121821421258408794611510081919805623223441")
	groupG = parameter("2402352677501852209227687703532399932712287657378364916510075318787663274146353219320285676155269678799694668298749389095083896573425601900601068477164491735474137283104610458681314511781646755400527402889846139864532661215055797097162016168270312886432456663834863635782106154918419982534315189740658186868651151358576410138882215396016043228843603930989333662772848406593138406010231675095763777982665103606822406635076697764025346253773085133173495194248967754052573659049492477631475991575198775177711481490920456600205478127054728238140972518639858334115700568353695553423781475582491896050296680037745308460627")
)

func parameter(digits string) *big.Int {
	x, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		panic("belenios: bad parameter")
	}
	return x
}

// scalarWords is the number of words of an exponent.
const scalarWords = 4

// A scalar is an exponent, at least 0 and below q.
type scalar [scalarWords]uint64

func toScalar(x *big.Int) (s scalar) {
	var buffer [8 * scalarWords]byte
	x.FillBytes(buffer[:])
	for i := range s {
		s[i] = binary.BigEndian.Uint64(buffer[8*(scalarWords-1-i):])
	}
	return s
}

// digit is the number made of size bits of s from the one at.
func (s *scalar) digit(at, size uint) uint64 {
	word, shift := at/64, at%64
	value := s[word] >> shift
	if shift+size > 64 && word+1 < scalarWords {
		value |= s[word+1] << (64 - shift)
	}
	return value & (1<<size - 1)
}

// mod reduces an exponent modulo q, in place.
func mod(x *big.Int) *big.Int { return x.Mod(x, groupQ) }

// randomScalar is a uniform exponent.
func randomScalar() *big.Int {
	x, err := rand.Int(rand.Reader, groupQ)
	if err != nil {
		panic("belenios: no randomness: " + err.Error()) // crypto/rand itself never returns one
	}
	return x
}

// A table holds powers of one base, so that raising it costs one product for each
// window of the exponent and no squaring.
type table struct {
	window uint
	rows   [][]element // rows[i][j] = base^(j·2^(window·i))
}

// Windows of the tables: large for what anybody may read, small for secrets since
// every cell of a row is then read.
const (
	publicWindow = 8
	secretWindow = 4
)

func newTable(base *element, window uint) *table {
	t := &table{window: window, rows: make([][]element, (64*scalarWords+window-1)/window)}
	next := *base
	for i := range t.rows {
		row := make([]element, 1<<window)
		row[0] = one
		for j := 1; j < len(row); j++ {
			row[j].mul(&row[j-1], &next)
		}
		next.mul(&row[len(row)-1], &next)
		t.rows[i] = row
	}
	return t
}

// mulPower multiplies z by base^s. The time depends on s, which must be public.
func (t *table) mulPower(z *element, s *scalar) {
	for i := range t.rows {
		if digit := s.digit(uint(i)*t.window, t.window); digit != 0 {
			z.mul(z, &t.rows[i][digit])
		}
	}
}

// secretPower sets z to base^s, with the same products and the same reads whatever s.
func (t *table) secretPower(z *element, s *scalar) {
	*z = one
	var factor element
	for i := range t.rows {
		factor.choose(t.rows[i], s.digit(uint(i)*t.window, t.window))
		z.mul(z, &factor)
	}
}

// bases are the two tables of one base.
type bases struct{ public, secret *table }

func newBases(base *element) *bases {
	return &bases{newTable(base, publicWindow), newTable(base, secretWindow)}
}

// generator holds the tables of g; they are made when first needed.
var generator = sync.OnceValue(func() *bases {
	var g element
	g.set(groupG)
	return newBases(&g)
})

// secretPower is base^s for a secret exponent and any base.
func secretPower(base *element, exponent *big.Int) element {
	const window = 4
	s := toScalar(exponent)
	row := make([]element, 1<<window)
	row[0] = one
	for j := 1; j < len(row); j++ {
		row[j].mul(&row[j-1], base)
	}
	result := one
	var factor element
	for at := 64*scalarWords - window; at >= 0; at -= window {
		for range window {
			result.square(&result)
		}
		factor.choose(row, s.digit(uint(at), window))
		result.mul(&result, &factor)
	}
	return result
}

// yaoWindow is the size of the digits of powers.
const yaoWindow = 4

// A yao gathers base^(2^i) by the odd digit of the exponent that begins at bit i.
type yao struct {
	exponent scalar
	buckets  [1 << (yaoWindow - 1)]element // of the digits 1, 3, 5…
	used     [1 << (yaoWindow - 1)]bool
	next     uint // the first bit that no digit holds yet
}

// take is given base^(2^bit), for each bit in order.
func (y *yao) take(bit uint, square *element) {
	if y.next > bit || y.exponent.digit(bit, 1) == 0 {
		return
	}
	d := y.exponent.digit(bit, yaoWindow) >> 1
	if y.used[d] {
		y.buckets[d].mul(&y.buckets[d], square)
	} else {
		y.buckets[d], y.used[d] = *square, true
	}
	y.next = bit + yaoWindow
}

// mulPower multiplies z by the product of each bucket raised to its digit: with
// R_d = Π_{e≥d} bucket_e, that is R_1·(R_3·R_5·…)².
func (y *yao) mulPower(z *element) {
	running, doubled := one, one
	for d := len(y.buckets) - 1; d > 0; d-- {
		if y.used[d] {
			running.mul(&running, &y.buckets[d])
		}
		doubled.mul(&doubled, &running)
	}
	doubled.square(&doubled)
	if y.used[0] {
		running.mul(&running, &y.buckets[0])
	}
	z.mul(z, &running)
	z.mul(z, &doubled)
}

// mulPowers multiplies each z[i] by base^exponents[i], for public exponents: the
// squarings are made once for all of them (Yao's method).
func mulPowers(z []*element, base *element, exponents ...*scalar) {
	sums := make([]yao, len(exponents))
	for i, s := range exponents {
		sums[i].exponent = *s
	}
	square := *base
	for bit := range uint(64 * scalarWords) {
		if bit > 0 {
			square.square(&square)
		}
		for i := range sums {
			sums[i].take(bit, &square)
		}
	}
	for i := range sums {
		sums[i].mulPower(z[i])
	}
}

var order = toScalar(groupQ)

// inGroup tells whether x^q = 1.
func inGroup(x *element) bool {
	power := one
	mulPowers([]*element{&power}, x, &order)
	return power.equal(&one)
}
