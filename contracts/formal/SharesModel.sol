// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Conversions of a share pool with a virtual offset, as the staking room's
/// @notice Down in both directions: whoever goes in and out at once never gains.
/// @custom:engine bmc
contract SharesModel {
    function roundTrip(uint96 amountWei, uint96 pooledWei, uint96 issued) external pure {
        uint256 assets = uint256(pooledWei) + 1;
        uint256 shares = uint256(issued) + 1_000;
        uint256 bought = (uint256(amountWei) * shares) / assets;
        uint256 back = (bought * assets) / shares;
        // Proven: shares bought and sold at one rate give back no more than they cost
        assert(back <= amountWei);
    }

    function nothingForNothing(uint96 pooledWei, uint96 issued) external pure {
        uint256 bought = (uint256(0) * (uint256(issued) + 1_000)) / (uint256(pooledWei) + 1);
        // Proven: nothing buys no share
        assert(bought == 0);
    }
}
