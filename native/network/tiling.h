/* How Winograd's minimal filtering F(4, 3) cuts a row of places: tiles of four, each from six
   places that overlap with the next one's, as far apart as the taps are. */

#ifndef RESTORACK_TILING_H
#define RESTORACK_TILING_H

enum { RK_TILE_OUT = 4, RK_TILE_IN = 6, RK_CHANNELS_AT_ONCE = 64 };

typedef struct {
    int width;    /* places of the row */
    int dilation; /* places between taps; tiles of places that lie so far apart come first */
    int each;     /* tiles for each first place */
} rk_tiling;

static inline rk_tiling rk_tiling_of(int width, int dilation)
{
    const int longest = (width + dilation - 1) / dilation;
    const rk_tiling tiling = {width, dilation, (longest + RK_TILE_OUT - 1) / RK_TILE_OUT};
    return tiling;
}

#endif
