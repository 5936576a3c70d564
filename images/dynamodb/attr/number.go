package attr

import "strings"

// Number is a decimal number of at most 38 significant digits between 1E-130 and 9.99E+125 by
// magnitude, in a form whose byte order is the numbers' order and which every number has once.
//
// The form: a number is 0.p1p2p3... times 100^k, with pairs of digits p. Zero is 0x80. A positive
// number is 0x80+64+k and the pairs as bytes 0 to 99, without pairs of zero at the end. A negative
// one is 0x7f-64-k, each pair as 100-p, and 0x7f at the end.
type Number string

// Problems of numbers, as DynamoDB words them.
const (
	ProblemDigits    = "Attempting to store more than 38 significant digits in a Number"
	ProblemOverflow  = "Number overflow. Attempting to store a number with magnitude larger than supported range"
	ProblemUnderflow = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
	ProblemNumber    = "The parameter cannot be converted to a numeric value"
)

const (
	maxDigits = 38
	zero      = Number("\x80")
	negEnd    = 0x7f
	bias      = 64
)

// decimal is a number taken apart: the digits 0 to 9 of 0.d1d2d3... times 10^exp, without zeros at
// either end. No digits is zero.
type decimal struct {
	neg    bool
	exp    int
	n      int
	digits [maxDigits]byte
}

// ParseNumber reads a decimal text ("-1.5e3"). problem is "" or DynamoDB's message.
func ParseNumber(text string) (number Number, problem string) {
	var d decimal
	if problem := parseDecimal(&d, text); problem != "" {
		return "", problem
	}
	return d.encode(), ""
}

// Int is the number of an integer.
func Int(i int64) Number {
	var d decimal
	d.setInt(i, 0)
	return d.encode()
}

// parseDecimal reads a decimal text into d, which is zero. It returns "" or DynamoDB's message.
func parseDecimal[T string | []byte](d *decimal, text T) (problem string) {
	i := 0
	if i < len(text) && (text[i] == '-' || text[i] == '+') {
		d.neg = text[i] == '-'
		i++
	}
	var zeros, seen, dropped int // zeros not yet known to be inner ones; digits seen; digits past the 38th
	point := false
	for ; i < len(text); i++ {
		c := text[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		seen++
		if !point && (d.n > 0 || zeros > 0 || c != '0') {
			d.exp++
		}
		if c == '0' {
			if d.n > 0 {
				zeros++
			} else if point {
				d.exp--
			}
			continue
		}
		for ; zeros > 0; zeros-- {
			dropped += d.push(0)
		}
		dropped += d.push(c - '0')
	}
	if seen == 0 {
		return notNumber(text)
	}
	if i < len(text) {
		exp, ok := parseExponent(text[i:])
		if !ok {
			return notNumber(text)
		}
		d.exp += exp
	}
	switch {
	case d.n == 0:
		d.neg, d.exp = false, 0
		return ""
	case d.exp > 126:
		return ProblemOverflow
	case d.exp < -129:
		return ProblemUnderflow
	case dropped > 0:
		return ProblemDigits
	}
	return ""
}

func notNumber[T string | []byte](text T) string {
	if len(text) == 0 {
		return ProblemNumber
	}
	return ProblemNumber + ": " + string(text)
}

// push adds a digit and returns 1 where there is no room for it.
func (d *decimal) push(digit byte) int {
	if d.n == maxDigits {
		return 1
	}
	d.digits[d.n] = digit
	d.n++
	return 0
}

// parseExponent reads "e+10"; what is out of every range is cut to a large value.
func parseExponent[T string | []byte](text T) (int, bool) {
	if text[0] != 'e' && text[0] != 'E' || len(text) < 2 {
		return 0, false
	}
	text = text[1:]
	sign := 1
	if text[0] == '-' || text[0] == '+' {
		if text[0] == '-' {
			sign = -1
		}
		text = text[1:]
	}
	if len(text) == 0 {
		return 0, false
	}
	exp := 0
	for i := 0; i < len(text); i++ {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
		exp = min(exp*10+int(text[i]-'0'), 1_000_000)
	}
	return sign * exp, true
}

// encode writes d, which must be within range.
func (d *decimal) encode() Number {
	var buf [maxDigits/2 + 4]byte
	return Number(d.append(buf[:0]))
}

func (d *decimal) append(b []byte) []byte {
	if d.n == 0 {
		return append(b, zero...)
	}
	k, odd := d.exp>>1, d.exp&1 // an odd exponent puts a single digit into the first pair
	k += odd
	if d.neg {
		b = append(b, byte(0x7f-bias-k))
	} else {
		b = append(b, byte(0x80+bias+k))
	}
	for i := -odd; i < d.n; i += 2 {
		pair := byte(0)
		if i >= 0 {
			pair = d.digits[i] * 10
		}
		if i+1 < d.n {
			pair += d.digits[i+1]
		}
		if d.neg {
			pair = 100 - pair
		}
		b = append(b, pair)
	}
	if d.neg {
		b = append(b, negEnd)
	}
	return b
}

// decode takes a number apart.
func (d *decimal) decode(x Number) {
	*d = decimal{}
	if x == "" || x == zero {
		return
	}
	d.neg = x[0] < 0x80
	k := int(x[0]) - 0x80 - bias
	pairs := x[1:]
	if d.neg {
		k = 0x7f - bias - int(x[0])
		pairs = x[1 : len(x)-1]
	}
	d.exp = 2 * k
	for i := 0; i < len(pairs); i++ {
		pair := pairs[i]
		if d.neg {
			pair = 100 - pair
		}
		if i == 0 && pair < 10 {
			d.exp--
		} else {
			d.push(pair / 10)
		}
		d.push(pair % 10)
	}
	for d.n > 0 && d.digits[d.n-1] == 0 {
		d.n--
	}
}

// String is the plain decimal text, without an exponent, as DynamoDB returns numbers.
func (x Number) String() string { return string(x.Append(nil)) }

// Append appends the plain decimal text.
func (x Number) Append(b []byte) []byte {
	var d decimal
	d.decode(x)
	if d.n == 0 {
		return append(b, '0')
	}
	if d.neg {
		b = append(b, '-')
	}
	if d.exp <= 0 {
		b = append(b, "0."...)
		for i := d.exp; i < 0; i++ {
			b = append(b, '0')
		}
	}
	for i := 0; i < max(d.n, d.exp); i++ {
		if i == d.exp && d.exp > 0 {
			b = append(b, '.')
		}
		if i < d.n {
			b = append(b, '0'+d.digits[i])
		} else {
			b = append(b, '0')
		}
	}
	return b
}

// Size is what DynamoDB charges for the number in bytes: one for each begun pair of digits before
// and of digits behind the point, one for a minus and one more.
func (x Number) Size() int {
	var d decimal
	d.decode(x)
	if d.n == 0 {
		return 1
	}
	whole := min(max(d.exp, 0), d.n)
	fraction := d.n - whole
	size := 1 + (whole+1)/2 + (fraction+1)/2
	if d.neg {
		size++
	}
	return size
}

// Int64 is the whole part of the number and whether it fits.
func (x Number) Int64() (int64, bool) {
	text := x.String()
	if dot := strings.IndexByte(text, '.'); dot >= 0 {
		text = text[:dot]
	}
	neg := strings.HasPrefix(text, "-")
	text = strings.TrimPrefix(text, "-")
	if len(text) > 18 {
		return 0, false
	}
	var i int64
	for j := 0; j < len(text); j++ {
		i = i*10 + int64(text[j]-'0')
	}
	if neg {
		i = -i
	}
	return i, true
}
