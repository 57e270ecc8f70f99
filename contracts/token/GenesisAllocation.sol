// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Who gets the supply, and when
/// @notice The table, in parts per million of the supply:
///
///     part        share    at once   nothing for   then evenly over
///     community   51.71 %  16.55 %   -             48 months
///     ecosystem   10.00 %  -         -             48 months
///     investors   18.29 %  -         12 months     36 months
///     team        15.00 %  -         12 months     36 months
///     liquidity    5.00 %   5.00 %   -             -
///     all        100.00 %  21.55 %
///
/// Public figures give the shares, the schedules and the 21.55 % that is liquid at the start, but not whose it is. Our reading:
/// all of liquidity, and the rest, 16.55 %, out of the community's share. "12 months cliff, 36 months linear" is read as nothing
/// for twelve months and then evenly from zero, so that no great part falls due in one second.
/// @dev A month is a twelfth of the mean Gregorian year (365.2425 days): 48 months are four years to the second.
library GenesisAllocation {
    enum Part {
        Community,
        Ecosystem,
        Investors,
        Team,
        Liquidity
    }

    struct Terms {
        uint256 sharePpm;
        uint256 atOncePpm;
        uint64 cliffSeconds;
        uint64 linearSeconds;
    }

    uint256 internal constant ONE_PPM = 1_000_000;
    uint64 internal constant MONTH = 2_629_746 seconds;

    function termsOf(Part part) internal pure returns (Terms memory) {
        if (part == Part.Community) return Terms(517_100, 165_500, 0, 48 * MONTH);
        if (part == Part.Ecosystem) return Terms(100_000, 0, 0, 48 * MONTH);
        if (part == Part.Investors) return Terms(182_900, 0, 12 * MONTH, 36 * MONTH);
        if (part == Part.Team) return Terms(150_000, 0, 12 * MONTH, 36 * MONTH);
        return Terms(50_000, 50_000, 0, 0); // liquidity
    }
}
