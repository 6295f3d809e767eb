package belenios

import (
	"crypto/subtle"
	"encoding/binary"
	"math/big"
	"math/bits"
)

// limbs is the number of 64-bit words of an element: p has exactly 2048 bits.
const limbs = 32

// An element is a number modulo p in Montgomery form (x·2^2048 mod p), least
// significant word first, always below p. math/big needs three times as long for the
// same products, and verification is nothing but products.
type element [limbs]uint64

var (
	modulus  = words(groupP)
	negInv   = negativeInverse(modulus[0])                                 // −p⁻¹ mod 2^64
	one      = words(residue(new(big.Int).Lsh(big.NewInt(1), 64*limbs)))   // 1
	montgome = words(residue(new(big.Int).Lsh(big.NewInt(1), 2*64*limbs))) // 2^2048, which brings into the form
	plainOne = element{1}                                                  // which brings out of it
)

func residue(x *big.Int) *big.Int { return x.Mod(x, groupP) }

func words(x *big.Int) (z element) {
	var buffer [8 * limbs]byte
	x.FillBytes(buffer[:])
	for i := range z {
		z[i] = binary.BigEndian.Uint64(buffer[8*(limbs-1-i):])
	}
	return z
}

// negativeInverse is −x⁻¹ mod 2^64 for an odd x, by Newton's iteration.
func negativeInverse(x uint64) uint64 {
	inverse := x
	for range 5 {
		inverse *= 2 - x*inverse
	}
	return -inverse
}

// set gives z the value of x, which is at least 0 and below p.
func (z *element) set(x *big.Int) {
	*z = words(x)
	z.mul(z, &montgome)
}

// big is the value of x.
func (x *element) big() *big.Int {
	var plain element
	plain.mul(x, &plainOne)
	var buffer [8 * limbs]byte
	for i := range plain {
		binary.BigEndian.PutUint64(buffer[8*(limbs-1-i):], plain[i])
	}
	return new(big.Int).SetBytes(buffer[:])
}

// number is the value of x, as it is written.
func (x *element) number() Number { return Number{*x.big()} }

// mul sets z to x·y. It takes the same time whatever the values. Like what it is made of,
// it is left alone by the race detector, which sees what its callers share.
//
//go:norace
func (z *element) mul(x, y *element) {
	var t [2 * limbs]uint64
	for i := range limbs {
		t[limbs+i] = addMul((*element)(t[i:]), x, y[i])
	}
	z.reduce(&t)
}

// square sets z to x·x. Products of two different words are made once, and doubled.
//
//go:norace
func (z *element) square(x *element) {
	var t [2 * limbs]uint64
	for i := range limbs - 1 {
		t[limbs+i] = addMulWords(t[2*i+1:limbs+i], x[i+1:], x[i])
	}
	var out, carry uint64
	for i := range limbs {
		high, low := bits.Mul64(x[i], x[i])
		even, odd := t[2*i], t[2*i+1]
		t[2*i], carry = bits.Add64(even<<1|out, low, carry)
		t[2*i+1], carry = bits.Add64(odd<<1|even>>63, high, carry)
		out = odd >> 63
	}
	z.reduce(&t)
}

// reduce sets z to t·2^-2048 (Montgomery).
//
//go:norace
func (z *element) reduce(t *[2 * limbs]uint64) {
	var top uint64
	for i := range limbs {
		carry := addMul((*element)(t[i:]), &modulus, t[i]*negInv)
		t[limbs+i], top = bits.Add64(t[limbs+i], carry, top)
	}
	high := (*element)(t[limbs:])
	var less element
	var borrow uint64
	for i := range limbs {
		less[i], borrow = bits.Sub64(high[i], modulus[i], borrow)
	}
	// Without a word above, and with a borrow, it was below p already.
	keep := -(borrow &^ top)
	for i := range limbs {
		z[i] = (high[i] & keep) | (less[i] &^ keep)
	}
}

// addMul adds x·y to z and returns the word that is left over. It is written at length
// because everything here waits for it: a loop of one word takes three times as long.
// For the same reason the race detector leaves the words alone.
//
//go:norace
func addMul(z, x *element, y uint64) (carry uint64) {
	var high, low, c uint64
	for i := 0; i < limbs; i += 8 {
		a, b := (*[8]uint64)(z[i:]), (*[8]uint64)(x[i:])
		high, low = bits.Mul64(b[0], y)
		low, c = bits.Add64(low, a[0], 0)
		high, _ = bits.Add64(high, 0, c)
		a[0], c = bits.Add64(low, carry, 0)
		carry, _ = bits.Add64(high, 0, c)
		high, low = bits.Mul64(b[1], y)
		low, c = bits.Add64(low, a[1], 0)
		high, _ = bits.Add64(high, 0, c)
		a[1], c = bits.Add64(low, carry, 0)
		carry, _ = bits.Add64(high, 0, c)
		high, low = bits.Mul64(b[2], y)
		low, c = bits.Add64(low, a[2], 0)
		high, _ = bits.Add64(high, 0, c)
		a[2], c = bits.Add64(low, carry, 0)
		carry, _ = bits.Add64(high, 0, c)
		high, low = bits.Mul64(b[3], y)
		low, c = bits.Add64(low, a[3], 0)
		high, _ = bits.Add64(high, 0, c)
		a[3], c = bits.Add64(low, carry, 0)
		carry, _ = bits.Add64(high, 0, c)
		high, low = bits.Mul64(b[4], y)
		low, c = bits.Add64(low, a[4], 0)
		high, _ = bits.Add64(high, 0, c)
		a[4], c = bits.Add64(low, carry, 0)
		carry, _ = bits.Add64(high, 0, c)
		high, low = bits.Mul64(b[5], y)
		low, c = bits.Add64(low, a[5], 0)
		high, _ = bits.Add64(high, 0, c)
		a[5], c = bits.Add64(low, carry, 0)
		carry, _ = bits.Add64(high, 0, c)
		high, low = bits.Mul64(b[6], y)
		low, c = bits.Add64(low, a[6], 0)
		high, _ = bits.Add64(high, 0, c)
		a[6], c = bits.Add64(low, carry, 0)
		carry, _ = bits.Add64(high, 0, c)
		high, low = bits.Mul64(b[7], y)
		low, c = bits.Add64(low, a[7], 0)
		high, _ = bits.Add64(high, 0, c)
		a[7], c = bits.Add64(low, carry, 0)
		carry, _ = bits.Add64(high, 0, c)
	}
	return carry
}

// addMulWords is addMul for any number of words, as many in z as in x.
//
//go:norace
func addMulWords(z, x []uint64, y uint64) (carry uint64) {
	var high, low, c uint64
	for len(z) >= 4 && len(x) >= 4 {
		a, b := (*[4]uint64)(z), (*[4]uint64)(x)
		high, low = bits.Mul64(b[0], y)
		low, c = bits.Add64(low, a[0], 0)
		high, _ = bits.Add64(high, 0, c)
		a[0], c = bits.Add64(low, carry, 0)
		carry, _ = bits.Add64(high, 0, c)
		high, low = bits.Mul64(b[1], y)
		low, c = bits.Add64(low, a[1], 0)
		high, _ = bits.Add64(high, 0, c)
		a[1], c = bits.Add64(low, carry, 0)
		carry, _ = bits.Add64(high, 0, c)
		high, low = bits.Mul64(b[2], y)
		low, c = bits.Add64(low, a[2], 0)
		high, _ = bits.Add64(high, 0, c)
		a[2], c = bits.Add64(low, carry, 0)
		carry, _ = bits.Add64(high, 0, c)
		high, low = bits.Mul64(b[3], y)
		low, c = bits.Add64(low, a[3], 0)
		high, _ = bits.Add64(high, 0, c)
		a[3], c = bits.Add64(low, carry, 0)
		carry, _ = bits.Add64(high, 0, c)
		z, x = z[4:], x[4:]
	}
	for i := range min(len(z), len(x)) {
		high, low = bits.Mul64(x[i], y)
		low, c = bits.Add64(low, z[i], 0)
		high, _ = bits.Add64(high, 0, c)
		z[i], c = bits.Add64(low, carry, 0)
		carry, _ = bits.Add64(high, 0, c)
	}
	return carry
}

// equal compares, in the same time whatever the values.
func (x *element) equal(y *element) bool {
	var difference uint64
	for i := range x {
		difference |= x[i] ^ y[i]
	}
	return difference == 0
}

// choose sets z to row[index], reading every cell so that the memory tells nothing.
//
//go:norace
func (z *element) choose(row []element, index uint64) {
	*z = element{}
	for i := range row {
		mask := -uint64(subtle.ConstantTimeEq(int32(i), int32(index)))
		for j := range z {
			z[j] |= row[i][j] & mask
		}
	}
}

// invert sets z to 1/x. The time depends on x, which must be public.
func (z *element) invert(x *element) { z.set(new(big.Int).ModInverse(x.big(), groupP)) }
