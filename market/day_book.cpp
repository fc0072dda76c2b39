#include "market/day_book.hpp"
