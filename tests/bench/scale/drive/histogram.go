// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"sort"
	"strconv"
	"strings"
)

// histogram is the number of observations up to each bound.
type histogram map[float64]float64

// histogram adds up all series of a name.
func (p *process) histogram(name string) histogram {
	buckets := histogram{}
	for _, line := range p.metrics() {
		if !strings.HasPrefix(line, name+"_bucket{") {
			continue
		}
		_, bound, _ := strings.Cut(line, `le="`)
		bound, _, _ = strings.Cut(bound, `"`)
		limit, err := strconv.ParseFloat(bound, 64) // "+Inf" too
		count, err2 := strconv.ParseFloat(line[strings.LastIndex(line, " ")+1:], 64)
		if err == nil && err2 == nil {
			buckets[limit] += count
		}
	}
	return buckets
}

func (h histogram) since(before histogram) histogram {
	difference := histogram{}
	for bound, count := range h {
		difference[bound] = count - before[bound]
	}
	return difference
}

// quantile interpolates inside of a bucket, as Prometheus does.
func (h histogram) quantile(q float64) float64 {
	bounds := make([]float64, 0, len(h))
	for bound := range h {
		bounds = append(bounds, bound)
	}
	sort.Float64s(bounds)
	wanted := q * h[math.Inf(1)]
	low, below := 0.0, 0.0
	for _, bound := range bounds {
		if h[bound] >= wanted {
			if math.IsInf(bound, 1) || h[bound] == below {
				return low
			}
			return low + (bound-low)*(wanted-below)/(h[bound]-below)
		}
		low, below = bound, h[bound]
	}
	return low
}
