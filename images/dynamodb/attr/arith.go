package attr

import "math/big"

// setInt makes d the number i times 10^exp.
func (d *decimal) setInt(i int64, exp int) {
	*d = decimal{neg: i < 0}
	u := uint64(i)
	if d.neg {
		u = -u
	}
	var reversed [20]byte
	n := 0
	for ; u > 0; u /= 10 {
		reversed[n] = byte(u % 10)
		n++
	}
	d.exp = n + exp
	for n > 0 {
		n--
		d.push(reversed[n])
	}
	d.trim()
}

// trim takes zeros off the end.
func (d *decimal) trim() {
	for d.n > 0 && d.digits[d.n-1] == 0 {
		d.n--
	}
	if d.n == 0 {
		*d = decimal{}
	}
}

// unscaled is the digits as an integer that 10^scale makes the number; small says that it fits.
func (d *decimal) unscaled(scale int) (i int64, small bool) {
	zeros := d.exp - d.n - scale
	if d.n+zeros > 18 {
		return 0, false
	}
	for _, digit := range d.digits[:d.n] {
		i = i*10 + int64(digit)
	}
	for ; zeros > 0; zeros-- {
		i *= 10
	}
	if d.neg {
		i = -i
	}
	return i, true
}

func (d *decimal) bigUnscaled(scale int) *big.Int {
	text := make([]byte, 0, maxDigits+256)
	for _, digit := range d.digits[:d.n] {
		text = append(text, '0'+digit)
	}
	for zeros := d.exp - d.n - scale; zeros > 0; zeros-- {
		text = append(text, '0')
	}
	i, _ := new(big.Int).SetString(string(text), 10)
	if d.neg {
		i.Neg(i)
	}
	return i
}

// Add is x + y, exact. problem is "" or DynamoDB's message where the sum is out of range or needs
// more than 38 digits.
func (x Number) Add(y Number) (sum Number, problem string) {
	var a, b decimal
	a.decode(x)
	b.decode(y)
	switch {
	case a.n == 0:
		return y, ""
	case b.n == 0:
		return x, ""
	}
	scale := min(a.exp-a.n, b.exp-b.n)
	if i, ok := a.unscaled(scale); ok {
		if j, ok := b.unscaled(scale); ok {
			var d decimal
			d.setInt(i+j, scale)
			return d.check()
		}
	}
	total := a.bigUnscaled(scale)
	total.Add(total, b.bigUnscaled(scale))
	return fromBig(total, scale)
}

// Sub is x - y; see Add.
func (x Number) Sub(y Number) (difference Number, problem string) { return x.Add(y.Neg()) }

// Neg is -x.
func (x Number) Neg() Number {
	var d decimal
	d.decode(x)
	d.neg = d.n > 0 && !d.neg
	return d.encode()
}

func fromBig(i *big.Int, scale int) (Number, string) {
	text := i.Text(10)
	var d decimal
	if text[0] == '-' {
		d.neg, text = true, text[1:]
	}
	d.exp = len(text) + scale
	for len(text) > 0 && text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	if len(text) > maxDigits {
		return "", ProblemDigits
	}
	for j := range len(text) {
		d.push(text[j] - '0')
	}
	return d.check()
}

// check encodes d where it is within range.
func (d *decimal) check() (Number, string) {
	switch {
	case d.n == 0:
		return zero, ""
	case d.exp > 126:
		return "", ProblemOverflow
	case d.exp < -129:
		return "", ProblemUnderflow
	}
	return d.encode(), ""
}
