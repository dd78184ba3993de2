/* Prints the tables of distribution.c as a C file.
 *
 * 4096 quantiles each, with mean 0, 8192 for a spread of 1: the scale and the
 * places of the tables that come with tc (iproute2, netem/). From those of
 * iproute2 6.1 pareto does not differ, the others by 1 at most. The normal
 * distribution's are at (n + 1/8) / 4096, Pareto's at n / 4096.
 *
 * Only + - * / are used and the compiler may not contract, so that the tables
 * are the same whatever machine makes them.
 */
#include <stdint.h>
#include <stdio.h>

#define ENTRIES 4096
#define SCALE 8192
#define STEPS (5 * SCALE) /* of the normal distribution: up to 5 sigma */

/* 1 / sqrt(2 pi) */
#define DENSITY 0x1.9884533d43651p-2

static double below[STEPS]; /* integral of the density, 0 to (k + 1/2)h */
static long normal[ENTRIES], pareto[ENTRIES];

static long round_half_away(double value)
{
  return value < 0 ? -(long)(0.5 - value) : (long)(value + 0.5);
}

/* exp(-k^2 h^2 / 2) by recurrence: each is the one before times a ratio, each
 * ratio the one before times exp(-h^2). Cells of width h around kh by the
 * midpoint rule with its first correction. */
static void integrate(void)
{
  const double h = 1.0 / SCALE, square = h * h;
  const double half = square / 2;
  const double factor = 1 - square + square * square / 2;
  double ratio = 1 - half + half * half / 2;
  double density = DENSITY;
  double sum = density * h / 2;

  below[0] = sum;
  for (int k = 1; k < STEPS; k++) {
    double x = k * h;

    density *= ratio;
    ratio *= factor;
    sum += density * h * (1 + square / 24 * (x * x - 1));
    below[k] = sum;
  }
}

/* The k whose cell holds the point up to which the integral is `wanted`. */
static long cell(double wanted)
{
  int low = 0, high = STEPS - 1;

  while (low < high) {
    int middle = (low + high) / 2;

    if (below[middle] < wanted)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void fill_normal(void)
{
  integrate();
  for (int n = 0; n < ENTRIES; n++) {
    double above = (n + 0.125) / ENTRIES - 0.5;

    normal[n] = above < 0 ? -cell(-above) : cell(above);
  }
}

/* Shape 3: u^(-1/3), whose mean is 3/2 and whose spread is 3/4 of a unit by
 * the convention of NIST Net. The cube root by Newton from above. */
static void fill_pareto(void)
{
  for (int n = 0; n < ENTRIES; n++) {
    double u = (double)(ENTRIES - n) / ENTRIES, root = 16;

    for (int i = 0; i < 60; i++)
      root -= (root * root * root * u - 1) / (3 * root * root * u);
    pareto[n] = round_half_away((root - 1.5) * 4 / 3 * SCALE);
  }
}

static int clip(long value)
{
  return value < INT16_MIN   ? INT16_MIN
         : value > INT16_MAX ? INT16_MAX
                             : (int)value;
}

/* A quarter normal, three quarters pareto. */
static long mix(int n)
{
  return (normal[n] + 3 * clip(pareto[n])) / 4;
}

static void print(const char *name, const long *values)
{
  printf("\nconst int16_t net_distribution_%s[%d] = {\n", name, ENTRIES);
  for (int n = 0; n < ENTRIES; n++)
    printf("%d,%s", clip(values ? values[n] : mix(n)), n % 8 == 7 ? "\n" : " ");
  printf("};\n");
}

int main(void)
{
  fill_normal();
  fill_pareto();
  printf("/* Made by make_distributions.c. */\n#include \"distribution.h\"\n");
  print("normal", normal);
  print("pareto", pareto);
  print("paretonormal", NULL);
  return 0;
}
